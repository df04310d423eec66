// Friends use the app in browsers of their own: they sign up, one comes as a guest, they open a room,
// join by its link, swipe to a match and decide; the guest gets an account, and one imports a list. Prints what their screens showed, as JSON.
//
//     node evening.mjs CHROMIUM APP_URL LIST_FILE [FOLDER for pictures]

import { join } from "node:path";
import { chromium } from "playwright-core";
import { barriersOf } from "./accessibility.mjs";

const [executablePath, app, list, folder] = process.argv.slice(2);
const PASSWORD = "Evening-2026!";
const PATIENCE_MS = 100_000;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--no-proxy-server"],
});
const complaints = [];
const barriers = [];

/** A browser of somebody's own; what its console complains of is kept. */
async function person(name) {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on("console", (message) => {
    // Whatever is asked while there is no network is logged by the browser itself.
    if (message.type() === "error" && !message.text().includes("ERR_INTERNET_DISCONNECTED"))
      complaints.push(`${name}: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => complaints.push(`${name}: ${error}`));
  return { name, page };
}

async function signUp({ name, page }, address) {
  await page.goto(address);
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByRole("heading", { name: "Create an account" }).waitFor();
  await page.getByLabel("E-mail address").fill(`${name}.${crypto.randomUUID()}@example.com`);
  await page.getByLabel("Username").fill(`${name}_${crypto.randomUUID().slice(0, 8)}`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create an account" }).click();
}

/** Come in by the link, without an account. */
async function comeIn({ name, page }, link) {
  await page.goto(link);
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Join as a guest" }).click();
}

/** What the view keeps from people who use it otherwise, and a picture of it. */
async function look({ page }, view) {
  if (folder) await page.screenshot({ path: join(folder, `${view}.png`) });
  barriers.push(...(await barriersOf(page, view)));
}

const matchOf = (page) => page.getByRole("dialog", { name: "It's a match!" });
const decisionOf = (page) => page.getByRole("dialog", { name: "We are watching" });

/** Like what is dealt until the film that all of them like is on this screen, too. */
async function swipe({ page }) {
  while (!(await matchOf(page).isVisible())) {
    const title = await page.locator(".deck-card h2").textContent();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(
      (before) =>
        document.querySelector("dialog[open]") ||
        document.querySelector(".deck-card h2")?.textContent !== before,
      title,
    );
  }
}

async function evening() {
  const people = await Promise.all(["ann", "ben", "cleo"].map(person));
  const [host, ...guests] = people;
  await host.page.goto(app);
  await host.page.getByRole("list", { name: "Titles" }).waitFor();
  await look(host, "browse");
  await signUp(host, `${app}rooms`);
  await host.page.getByRole("button", { name: "Open a room" }).waitFor();
  await look(host, "rooms");
  await host.page.getByRole("button", { name: "Open a room" }).click();
  const code = (await host.page.locator(".invite .code").textContent()).trim();
  await Promise.all(
    guests.map(async (guest, number) => {
      if (number) await comeIn(guest, `${app}join/${code}`);
      else {
        await signUp(guest, `${app}join/${code}`);
        await guest.page.getByRole("button", { name: "Join a room" }).click();
      }
      await guest.page.getByRole("heading", { name: "The room" }).waitFor();
    }),
  );
  for (const { page } of people) await page.locator(".deck-card").waitFor();
  for (const { page } of people) await page.evaluate(() => (window.inTheRoom = true));
  await look(host, "room");
  await Promise.all(people.map(swipe));
  await look(host, "match");
  const matches = await Promise.all(
    people.map(({ page }) => matchOf(page).locator("h2").textContent()),
  );
  // Whoever goes on may be shown the next match at once, which the decision may replace at once.
  const goOn = (dialog, options) => dialog.getByRole("button", { name: "Go on" }).click(options);
  const dismiss = (match) => goOn(match, { timeout: 2_000 }).catch(() => undefined);
  for (const { page } of people) await page.addLocatorHandler(matchOf(page), dismiss);

  // One has lost the network while the host decides, and learns of it when it is back.
  const [away] = guests;
  await away.page.context().setOffline(true);
  await host.page
    .getByRole("button", { name: /^Watch this: / })
    .first()
    .click();
  await decisionOf(host.page).waitFor();
  await decisionOf(guests[1].page).waitFor();
  await away.page.context().setOffline(false);
  await decisionOf(away.page).waitFor();
  const decisions = await Promise.all(
    people.map(({ page }) => decisionOf(page).locator("h2").textContent()),
  );
  for (const { page } of people) await goOn(decisionOf(page));
  const told = await Promise.all(
    people.map(async ({ page }) => {
      const section = page.locator("section", { hasText: "The evening so far" });
      await section.getByText(/^We are watching/).waitFor();
      return section.getByRole("listitem").allTextContents();
    }),
  );
  // The guest stays: the same person with an account, in the same room.
  const { page: visitor } = guests[1];
  const mine = () =>
    visitor.evaluate(() => {
      const { accessToken } = JSON.parse(localStorage.getItem("matinee.session"));
      return JSON.parse(atob(accessToken.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub;
    });
  const guest = await mine();
  await visitor.getByRole("link", { name: "Account" }).click();
  await visitor.getByRole("heading", { name: "You are a guest" }).waitFor();
  await look(guests[1], "guest");
  await visitor.getByLabel("E-mail address").fill(`cleo.${crypto.randomUUID()}@example.com`);
  await visitor.getByLabel("Password").fill(PASSWORD);
  await visitor.getByRole("button", { name: "Create an account" }).click();
  await visitor.getByRole("heading", { name: "Account", exact: true }).waitFor();
  await visitor.getByRole("link", { name: "Rooms" }).click();
  await visitor
    .locator("section", { hasText: "My rooms" })
    .getByRole("link")
    .first()
    .waitFor();
  const stayed = (await mine()) === guest;
  const reloaded = await Promise.all(
    people.map(({ page }) => page.evaluate(() => !window.inTheRoom)),
  );
  return { matches, decisions, told, reloaded, stayed };
}

/** A list of another site; then the page in another language. */
async function library() {
  const reader = await person("eve");
  const { page } = reader;
  await signUp(reader, `${app}imports`);
  await page.getByLabel("File").setInputFiles(list);
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByText(/rows have been read/).waitFor();
  await look(reader, "import");
  await page.getByRole("link", { name: "My lists" }).click();
  const favourites = page.getByRole("list", { name: "Favourites" }).getByRole("listitem");
  await favourites.first().waitFor();
  const imported = await favourites.locator(".name").allTextContents();
  await page.getByRole("link", { name: "For you" }).click();
  await page.getByRole("list", { name: "For you" }).waitFor();
  await look(reader, "for-you");
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByLabel("Language").selectOption("de");
  await page.getByRole("heading", { name: "Konto", exact: true }).waitFor();
  await look(reader, "account");
  await page.getByRole("button", { name: "Abmelden" }).click();
  await page.getByRole("heading", { name: "Anmelden" }).waitFor();
  return { imported };
}

try {
  const seen = { ...(await evening()), ...(await library()) };
  console.log(JSON.stringify({ ...seen, complaints, barriers }));
} catch (error) {
  for (const context of browser.contexts())
    for (const page of context.pages())
      console.error(page.url(), (await page.locator("main").innerText()).slice(0, 900));
  console.error(JSON.stringify(complaints));
  throw error;
} finally {
  await browser.close();
}
