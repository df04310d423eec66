// Pictures of the main views for the documentation: phone and desktop, light and dark, as WebP.
//
//     node screenshots.mjs CHROMIUM APP_URL FOLDER
//
// The running product should have something to show: make refresh PAGES=2, make play.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [executablePath, app, folder] = process.argv.slice(2);
const PATIENCE_MS = 100_000;
const QUALITY = 60;
const SIZES = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
};

/** Each view: how to come there, and what is on it when it is whole. */
const VIEWS = {
  browse: async (page) => {
    await page.goto(app);
    await page.getByRole("list", { name: "Titles" }).waitFor();
  },
  title: async (page) => {
    await page.goto(app);
    await page.getByRole("list", { name: "Titles" }).getByRole("link").first().click();
    await page.getByText("Genres", { exact: true }).waitFor();
  },
  "for-you": async (page) => {
    await page.goto(`${app}for-you`);
    await page.getByRole("list", { name: "For you" }).waitFor();
  },
  room: async (page) => {
    await page.goto(`${app}rooms`);
    await page.getByRole("button", { name: "Open a room" }).click();
    await page.locator(".deck-card").waitFor();
  },
  "console-waterfall": async (page) => {
    await page.goto(`${app}console/requests`);
    await page.getByLabel("Period").selectOption("240");
    await page.getByLabel("Name contains").fill("createroom");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "createRoom" }).first().click();
    await page.getByRole("list", { name: "Waterfall" }).getByRole("listitem").first().waitFor();
  },
  "console-live": async (page) => {
    await page.goto(`${app}console`);
    await page.getByText("Listening: events appear as they pass.").waitFor();
    await page.getByText("Send a sample event").click();
    const form = page.getByRole("form", { name: "Send a sample event" });
    await form.getByLabel("Event").selectOption("RoomDecided");
    await form.getByRole("button", { name: "Send", exact: true }).click();
    const event = page.getByRole("list", { name: "Events" }).getByRole("button", {
      name: /RoomDecided/,
    });
    await event.first().click();
    await page.getByText("Send a sample event").click();
    await page.getByText("is on the bus").waitFor({ state: "hidden" });
    await page.getByRole("list", { name: "Events" }).evaluate((list) => list.scrollIntoView());
    await page.evaluate(() => scrollBy(0, -80)); // below the navigation
  },
};

/** What a phone shows; the desktop shows all of them. */
const ON_PHONES = ["browse", "title", "room"];

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--no-proxy-server"],
});

/** As the demo user, whom the page of the local product offers. */
async function signIn(page) {
  await page.goto(`${app}sign-in`);
  await page.getByText("Demo user:").getByRole("button").click();
  await page.getByRole("link", { name: "Account", exact: true }).waitFor();
}

/** The pictures' own requests are over, or none is under way. */
const painted = (page) =>
  page.waitForFunction(() => [...document.images].every((image) => image.complete || image.loading === "lazy"));

async function picture(page, name) {
  await painted(page);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", {
    format: "webp",
    quality: QUALITY,
  });
  await session.detach();
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, "base64"));
}

try {
  mkdirSync(folder, { recursive: true });
  for (const [size, viewport] of Object.entries(SIZES)) {
    const context = await browser.newContext({ viewport, locale: "en-GB", reducedMotion: "reduce" });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await signIn(page);
    for (const [view, open] of Object.entries(VIEWS)) {
      if (size === "phone" && !ON_PHONES.includes(view)) continue;
      await open(page);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await picture(page, `${view}-${size}-${colorScheme}`);
      }
    }
    await context.close();
  }
} catch (error) {
  for (const context of browser.contexts())
    for (const page of context.pages())
      console.error(page.url(), (await page.locator("main").innerText()).slice(0, 600));
  throw error;
} finally {
  await browser.close();
}
