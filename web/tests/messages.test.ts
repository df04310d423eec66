import { expect, test } from "vitest";
import consoleDe from "../src/messages/console.de.json";
import consoleEn from "../src/messages/console.en.json";
import de from "../src/messages/de.json";
import en from "../src/messages/en.json";

type Messages = Record<string, string>;

const blanks = (message: string) =>
  [...message.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();

const sources = Object.entries(
  import.meta.glob<string>(["../src/**/*.ts", "../src/**/*.tsx"], {
    query: "?raw",
    import: "default",
    eager: true,
  }),
);
const isConsole = ([path]: [string, string]) => path.includes("/console/");
const code = (of: [string, string][]) => of.map(([, text]) => text).join();

const FILES: [string, Messages, Messages, string][] = [
  ["the app", en, de, code(sources.filter((file) => !isConsole(file)))],
  ["the console", consoleEn, consoleDe, code(sources.filter(isConsole))],
];

test.each(FILES)("both languages of %s say the same things", (_, english, german) => {
  expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
});

test.each(FILES)("a message of %s has the same blanks in both", (_, english, german) => {
  for (const key of Object.keys(english))
    expect([key, blanks(german[key]!)]).toEqual([key, blanks(english[key]!)]);
});

test.each(FILES)("every message of %s is used", (_, english, __, used) => {
  const unused = Object.keys(english).filter(
    (key) => !used.includes(`"${key}"`) && !(key.startsWith("row_") && used.includes("row_${")),
  );
  expect(unused).toEqual([]);
});
