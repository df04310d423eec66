// Reads the event contracts as teams that use JavaScript do: ajv and AsyncAPI's own parser.
//
//     node contracts.mjs CONTRACTS [EVENTS]
//
// Every schema compiles in ajv's strict mode, and its example fits it and each older minor version.
// asyncapi.yaml has nothing that its parser calls an error or a warning. EVENTS is a JSON file of
// events as EventBridge delivered them: each fits every minor version of its contract.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromFile, Parser } from "@asyncapi/parser";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const VERSION = /^(\d+)\.(\d+)\.json$/;
const [folder, live] = process.argv.slice(2);
const ajv = addFormats(new Ajv({ allErrors: true, strict: true }));
const faults = [];
const read = (file) => JSON.parse(readFileSync(file, "utf8"));

/** The versions of an event, the oldest first. */
function versions(service, event) {
  const path = join(folder, "events", service, event);
  return readdirSync(path)
    .filter((name) => VERSION.test(name))
    .map((name) => ({ file: join(path, name), numbers: name.match(VERSION).slice(1).map(Number) }))
    .sort((one, other) => one.numbers[0] - other.numbers[0] || one.numbers[1] - other.numbers[1])
    .map((version) => ({ ...version, validate: ajv.compile(read(version.file)) }));
}

function check(what, event, version) {
  if (version.validate(event.detail)) return;
  faults.push(`${what} does not fit ${version.file}: ${ajv.errorsText(version.validate.errors)}`);
}

const contracts = new Map();
for (const service of readdirSync(join(folder, "events"), { withFileTypes: true })) {
  if (!service.isDirectory()) continue;
  for (const event of readdirSync(join(folder, "events", service.name))) {
    const all = versions(service.name, event);
    contracts.set(`matinee.${service.name} ${event}`, all);
    for (const [index, { file, numbers }] of all.entries()) {
      const example = file.replace(/json$/, "example.json");
      const promised = all.slice(0, index + 1).filter((one) => one.numbers[0] === numbers[0]);
      for (const version of promised) check(example, read(example), version);
    }
  }
}

const events = live ? read(live) : [];
for (const event of events) {
  const name = `${event.source} ${event["detail-type"]}`;
  if (!contracts.has(name)) faults.push(`${name} has no contract`);
  for (const version of contracts.get(name) ?? []) check(`${name} (${event.id})`, event, version);
}

if (!live) {
  const parser = new Parser();
  const { diagnostics } = await fromFile(parser, join(folder, "asyncapi.yaml")).parse();
  for (const { severity, code, message, path } of diagnostics)
    if (severity <= 1) faults.push(`asyncapi.yaml: ${path.join(".")}: ${message} (${code})`);
}

if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log(`${contracts.size} events and their examples are valid, ${events.length} live ones.`);
