// Writes src/generated/: the types of both interfaces, from the contracts.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const contracts = new URL("../../contracts/", import.meta.url);
const generated = new URL("../src/generated/", import.meta.url);
const run = (program, ...words) =>
  execFileSync(new URL(`../node_modules/.bin/${program}`, import.meta.url).pathname, words, {
    cwd: new URL("..", import.meta.url),
    stdio: ["ignore", "ignore", "inherit"],
  });

mkdirSync(generated, { recursive: true });
const schema = [
  new URL("aws.graphql", import.meta.url),
  new URL("graphql/schema.graphql", contracts),
];
writeFileSync(
  new URL("schema.graphql", generated),
  schema.map((file) => readFileSync(file, "utf8")).join("\n"),
);
run(
  "openapi-typescript",
  new URL("http/openapi.yaml", contracts).pathname,
  "--output",
  "src/generated/rest.d.ts",
);
run("gql.tada", "generate-output");
