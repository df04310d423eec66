// What a view keeps from people who use it with a screen reader, a keyboard or weak eyes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The serious findings of axe on a page, each with where it is. */
export async function barriersOf(page, view) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run());
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${view}: ${id} at ${nodes[0].target}`);
}
