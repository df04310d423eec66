import { expect, test } from "vitest";
import de from "../src/messages/de.json";
import en from "../src/messages/en.json";

const blanks = (message: string) =>
  [...message.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();

test("both languages say the same things", () => {
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
});

test("a message has the same blanks in both", () => {
  for (const key of Object.keys(en) as (keyof typeof en)[])
    expect([key, blanks(de[key])]).toEqual([key, blanks(en[key])]);
});

test("every message is used", () => {
  const sources = import.meta.glob(["../src/**/*.ts", "../src/**/*.tsx"], {
    query: "?raw",
    import: "default",
    eager: true,
  });
  const code = Object.values(sources).join();
  const unused = Object.keys(en).filter(
    (key) => !code.includes(`"${key}"`) && !(key.startsWith("row_") && code.includes("row_${")),
  );
  expect(unused).toEqual([]);
});
