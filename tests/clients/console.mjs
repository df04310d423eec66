// A developer looks at the running product in the console, after people have used it: a request's
// waterfall, a rule's reasons, the queues, and a sample event that is sent and arrives on the bus.
// Prints what the screen showed, as JSON.
//
//     node console.mjs CHROMIUM APP_URL [FOLDER for pictures]

import { join } from "node:path";
import { chromium } from "playwright-core";
import { barriersOf } from "./accessibility.mjs";

const [executablePath, app, folder] = process.argv.slice(2);
const PATIENCE_MS = 100_000;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--no-proxy-server"],
});
const complaints = [];
const barriers = [];

const context = await browser.newContext({
  viewport: { width: 1280, height: 900 },
  locale: "en-GB",
  reducedMotion: "reduce",
});
context.setDefaultTimeout(PATIENCE_MS);
const page = await context.newPage();
page.on("console", (message) => {
  if (message.type() === "error") complaints.push(message.text());
});
page.on("pageerror", (error) => complaints.push(String(error)));

async function look(view) {
  if (folder) await page.screenshot({ path: join(folder, `${view}.png`) });
  barriers.push(...(await barriersOf(page, view)));
}

const view = (name) => page.locator(".views").getByRole("link", { name, exact: true }).click();

/** The way of the request that opened a room, which more services than one took part in. */
async function waterfall() {
  await view("Requests");
  await page.getByRole("list", { name: "Requests" }).waitFor();
  await look("console-requests");
  await page.getByLabel("Name contains").fill("createroom");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "createRoom" }).first().click();
  const spans = page.getByRole("list", { name: "Waterfall" }).getByRole("listitem");
  await spans.first().waitFor();
  await look("console-waterfall");
  const services = await spans.locator(".service").allTextContents();
  const latencies = await spans.locator(".quiet:last-child").allTextContents();
  await page.locator(".log summary").first().click();
  const log = await page.locator(".log pre").first().textContent();
  return { services: [...new Set(services)], latencies, log };
}

/** The way of an import: also of those who heard of what it added. */
async function heard() {
  await view("Requests");
  await page.getByLabel("Name contains").fill("imports");
  await page.keyboard.press("Enter");
  const spans = page.getByRole("list", { name: "Waterfall" }).getByRole("listitem");
  for (;;) {
    // A consumer's log may come later than the request's.
    await page.getByRole("link", { name: /^POST .*imports/ }).first().click();
    await spans.first().waitFor();
    const logs = await page.locator(".log summary").allTextContents();
    const services = await spans.locator(".service").allTextContents();
    if (services.includes("recommender"))
      return { services: [...new Set(services)], logs: logs.filter((line) => line.includes("event_handled")) };
    await page.locator("main").getByRole("link", { name: "Requests" }).last().click();
    await page.getByRole("list", { name: "Requests" }).waitFor();
  }
}

/** Why each rule takes a match, or not. */
async function rules() {
  await view("Rules");
  await page.getByLabel("Event").selectOption("MatchFound");
  await page.getByRole("button", { name: "Explain" }).click();
  const found = page.getByRole("list", { name: "Rules" }).locator("> li");
  await found.first().waitFor();
  await look("console-rules");
  return found.allInnerTexts();
}

/** A dead letter is thrown away, the other is tried again: its consumer refuses it once more and says why. */
async function queues() {
  await view("Queues");
  await page.getByRole("button", { name: "NotifierDlq" }).click();
  const queue = page.getByRole("region", { name: "NotifierDlq" });
  const letters = queue.getByRole("listitem");
  await letters.nth(1).waitFor();
  await page.getByText("as the templates have it").waitFor();
  await look("console-queues");
  await letters.first().getByRole("button", { name: "Discard" }).click();
  await letters.nth(1).waitFor({ state: "detached" });
  const reason = queue.getByText("the message is not JSON");
  const before = await reason.count();
  await queue.getByRole("button", { name: "Redrive all" }).click();
  while (!(await reason.first().waitFor({ timeout: 2_000 }).then(() => true, () => false)))
    await page.getByRole("button", { name: "Look again" }).click();
  await letters.first().getByRole("button", { name: "Discard" }).click();
  await queue.getByText("Nothing is in it.").waitFor();
  return { names: await page.getByRole("rowheader").allTextContents(), before };
}

/** The archive is told again to one rule; the name of the replay. */
async function replay() {
  const form = page.getByRole("form", { name: "Replay to one rule" });
  const rules = await form.getByLabel("Rule").locator("option").allTextContents();
  await form.getByLabel("Rule").selectOption(rules.find((name) => name.includes("TasteProjector")));
  await form.getByLabel("Minutes back").fill("60");
  await form.getByRole("button", { name: "Replay", exact: true }).click();
  const told = page.locator(".toast", { hasText: /T\d{6}/ });
  await told.waitFor();
  return (await told.textContent()).trim();
}

/** A sample event is sent, and seen on the bus, valid. */
async function sample() {
  await view("Live bus");
  await page.getByText("Listening: events appear as they pass.").waitFor();
  await page.getByText("Send a sample event").click();
  const form = page.getByRole("form", { name: "Send a sample event" });
  await form.getByLabel("Event").selectOption("RoomDecided");
  await form.getByRole("button", { name: "Send", exact: true }).click();
  const event = page.getByRole("list", { name: "Events" }).getByRole("button", {
    name: /RoomDecided/,
  });
  await event.first().click();
  await page.getByRole("region", { name: "Payload" }).waitFor();
  await look("console-live");
  const payload = JSON.parse(await page.getByRole("region", { name: "Payload" }).textContent());
  const schema = JSON.parse(await page.getByRole("region", { name: /^Schema/ }).textContent());
  return { line: await event.first().innerText(), payload, schema: schema.title };
}

try {
  await page.goto(app);
  await page.getByRole("link", { name: "Console" }).click();
  await page.getByRole("heading", { name: "Console" }).waitFor();
  const seen = {
    waterfall: await waterfall(),
    heard: await heard(),
    rules: await rules(),
    queues: await queues(),
    replay: await replay(),
    sample: await sample(),
  };
  console.log(JSON.stringify({ ...seen, complaints, barriers }));
} catch (error) {
  console.error(page.url(), (await page.locator("main").innerText()).slice(0, 900));
  console.error(JSON.stringify(complaints));
  throw error;
} finally {
  await browser.close();
}
