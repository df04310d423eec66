// Four friends use the app in browsers of their own: they sign up, one comes as a guest, they open a room,
// join by its link, swipe to a match and decide, though one connection is cut; they stay together as a crew, the guest gets an
// account, and one imports a list, says what she likes and has her device notified. Prints what their screens showed, as JSON.
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

/** What no headless browser has: a push service. The product takes its subscription, the worker what DevTools pushes. */
const SUBSCRIPTION = {
  endpoint: "https://push.example.com/eve",
  keys: {
    p256dh:
      "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  },
};

/** Before any script of the page: its connections are kept, so that they can be cut. */
function prepare(subscription) {
  window.sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(...words) {
      super(...words);
      window.sockets.push(this);
    }
  };
  PushManager.prototype.subscribe = async () => ({ toJSON: () => subscription });
}

/** A browser of somebody's own; what its console complains of is kept. */
async function person(name) {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(prepare, SUBSCRIPTION);
  await context.grantPermissions(["notifications"]);
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
  const people = await Promise.all(["ann", "ben", "eve", "cleo"].map(person));
  const [host, ...guests] = people;
  const [away, , visiting] = guests;
  await host.page.goto(app);
  await host.page.getByRole("list", { name: "Titles" }).waitFor();
  await look(host, "browse");
  await signUp(host, `${app}rooms`);
  await host.page.getByRole("button", { name: "Open a room" }).waitFor();
  await look(host, "rooms");
  await host.page.getByRole("button", { name: "Open a room" }).click();
  const code = (await host.page.locator(".invite .code").textContent()).trim();
  await Promise.all(
    guests.map(async (guest) => {
      if (guest === visiting) await comeIn(guest, `${app}join/${code}`);
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
  const card = await cardOf(host);
  const seen = await away.page.locator(".deck-card h2").textContent();
  await away.page.getByRole("button", { name: "Seen it" }).click();
  await Promise.all(people.map(swipe));
  await look(host, "match");
  const matches = await Promise.all(
    people.map(({ page }) => matchOf(page).locator("h2").textContent()),
  );
  // Whoever goes on may be shown the next match at once, which the decision may replace at once.
  const goOn = (dialog, options) => dialog.getByRole("button", { name: "Go on" }).click(options);
  const dismiss = (match) => goOn(match, { timeout: 2_000 }).catch(() => undefined);
  for (const { page } of people) await page.addLocatorHandler(matchOf(page), dismiss);

  // One loses the network and the connection while the host decides, and learns of it when it is back.
  await away.page.context().setOffline(true);
  await away.page.evaluate(() => sockets.forEach((socket) => socket.close()));
  const asked = [];
  away.page.on("request", (request) => asked.push(request.postData() ?? ""));
  await host.page
    .getByRole("button", { name: /^Watch this: / })
    .first()
    .click();
  await decisionOf(host.page).waitFor();
  await decisionOf(visiting.page).waitFor();
  await away.page.context().setOffline(false);
  await decisionOf(away.page).waitFor();
  await away.page.waitForFunction(() => sockets.at(-1).readyState === WebSocket.OPEN);
  const reconnected = {
    connections: await away.page.evaluate(() => sockets.length),
    asked: asked.some((body) => body.includes("query Feed")),
  };
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
  const crew = await stayTogether(host, away);
  // The guest stays: the same person with an account, in the same room.
  const { page: visitor } = visiting;
  const mine = () =>
    visitor.evaluate(() => {
      const { accessToken } = JSON.parse(localStorage.getItem("matinee.session"));
      return JSON.parse(atob(accessToken.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub;
    });
  const guest = await mine();
  await visitor.getByRole("link", { name: "Account" }).click();
  await visitor.getByRole("heading", { name: "You are a guest" }).waitFor();
  await look(visiting, "guest");
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
  const marked = await onTheList(away, "Seen", seen.slice(0, seen.lastIndexOf(" ")));
  return { people, shown: { matches, decisions, told, reloaded, stayed, card, crew, reconnected, marked } };
}

/** What a card says beside its title. */
const cardOf = ({ page }) => page.locator(".deck-card dl.facts dt").allTextContents();

/** The host keeps the people together and starts their next room, to which the other is invited at once. */
async function stayTogether({ page }, other) {
  await other.page.getByRole("link", { name: "Rooms" }).click();
  await other.page.getByRole("heading", { name: "Past evenings" }).waitFor();
  await page.getByText("Keep these people together").click();
  await page.getByLabel("Name of the crew").fill("Tuesdays");
  await page.getByRole("button", { name: "Make a crew" }).click();
  await page.getByText("Tuesdays is a crew now.").waitFor();
  await page.getByRole("link", { name: "Rooms" }).click();
  const past = page.getByRole("list", { name: /^Past evenings/ });
  await past.first().waitFor();
  const evening = await past.first().locator(".name").first().textContent();
  const members = await page
    .getByRole("list", { name: "Who is here: Tuesdays" })
    .getByRole("listitem")
    .allTextContents();
  await look({ page }, "crews");
  await page.getByRole("button", { name: "Start a room: Tuesdays" }).click();
  await page.locator(".deck-card").waitFor();
  const invitation = other.page.getByRole("list", { name: "Invitations" }).getByRole("link");
  const words = await invitation.textContent();
  await invitation.click();
  await other.page.getByRole("button", { name: "Join a room" }).click();
  await other.page.locator(".deck-card").waitFor();
  return { evening, members, invitation: words };
}

/** Whether a list comes to have a title; it is looked at until it does. */
async function onTheList({ page }, list, title) {
  const entry = page.getByRole("list", { name: list, exact: true }).getByText(title, { exact: true });
  for (;;) {
    await page.getByRole("link", { name: "My lists" }).click();
    await page.getByRole("heading", { name: "My lists" }).waitFor();
    await page.getByRole("button", { name: list, exact: true }).click();
    const found = await entry.first().waitFor({ timeout: 2_000 }).catch(() => "not yet");
    if (found !== "not yet") return title;
    await page.getByRole("link", { name: "Browse" }).click();
    await page.getByRole("list", { name: "Titles" }).waitFor();
  }
}

/** Preferences are saved, and there when somebody looks again. */
async function preferences(reader) {
  const { page } = reader;
  await page.getByRole("link", { name: "Your preferences" }).click();
  const platform = page.getByRole("button", { name: "Netflix" });
  await page.getByText("Where and when you watch").click();
  await page.getByLabel("Country that you watch in").selectOption("DE");
  await platform.click();
  await look(reader, "preferences");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByRole("link", { name: "Your preferences" }).click();
  await page.getByText("Where and when you watch").click();
  const region = await page.getByLabel("Country that you watch in").inputValue();
  return { region, platform: await platform.getAttribute("aria-pressed") };
}

/** The device is registered, notified while the app is closed, and removed. */
async function notifications({ page }) {
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByRole("button", { name: "Notify this device", exact: true }).click();
  const devices = page.getByRole("list", { name: "Devices that are notified" });
  await devices.waitFor();
  const device = await devices.textContent();
  const session = await page.context().newCDPSession(page);
  const registered = new Promise((resolve) =>
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      if (registrations.length) resolve(registrations.at(-1).registrationId);
    }),
  );
  await session.send("ServiceWorker.enable");
  const registrationId = await registered;
  await page.goto("about:blank");
  const sent = { kind: "MATCH", title: "It's a match!", body: "For you.", tag: "m", roomId: "r" };
  await session.send("ServiceWorker.deliverPushMessage", {
    origin: new URL(app).origin,
    registrationId,
    data: JSON.stringify(sent),
  });
  await page.goto(`${app}account`);
  const shown = await page.waitForFunction(async () => {
    const worker = await navigator.serviceWorker.ready;
    const [first] = await worker.getNotifications();
    return first && { title: first.title, body: first.body, place: first.data };
  });
  await page.getByRole("button", { name: /^Do not notify this device/ }).click();
  await page.getByText("No device is notified.").waitFor();
  return { device, shown: await shown.jsonValue() };
}

/** A list of another site; then the page in another language. */
async function library(reader) {
  const { page } = reader;
  await page.goto(`${app}imports`);
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
  const saved = await preferences(reader);
  const notified = await notifications(reader);
  await page.getByLabel("Language").selectOption("de");
  await page.getByRole("heading", { name: "Konto", exact: true }).waitFor();
  await look(reader, "account");
  await page.getByRole("button", { name: "Abmelden" }).click();
  await page.getByRole("heading", { name: "Anmelden" }).waitFor();
  return { imported, saved, notified };
}

try {
  const { people, shown } = await evening();
  const eve = people.find(({ name }) => name === "eve");
  const seen = { ...shown, ...(await library(eve)) };
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
