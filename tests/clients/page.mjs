// Opens page.html in Chromium at an origin, and prints what the page sees of the API as JSON.
//
//     node page.mjs CHROMIUM ORIGIN REST_URL    $VISITOR is {email, password}
//
// The page is served at a free port; Chromium finds the origin there, whatever its own port is.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const [executablePath, origin, api] = process.argv.slice(2);
const { email, password } = JSON.parse(process.env.VISITOR);
const html = await readFile(new URL("page.html", import.meta.url));

const server = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end(html));
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const place = `${new URL(origin).hostname} 127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--no-proxy-server", `--host-resolver-rules=MAP ${place}`],
});
try {
  const page = await browser.newPage();
  await page.goto(`${origin}/?api=${encodeURIComponent(api)}`);
  const seen = await page
    .evaluate(([email, password]) => visit(email, password), [email, password])
    .catch((error) => ({ blocked: error.message.includes("Failed to fetch") }));
  console.log(JSON.stringify({ origin: await page.evaluate("location.origin"), ...seen }));
} finally {
  await browser.close();
  server.close();
}
