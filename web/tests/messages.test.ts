import { expect, test } from "vitest";
import consoleDe from "../src/messages/console.de.json";
import consoleEn from "../src/messages/console.en.json";
import preferencesDe from "../src/messages/preferences.de.json";
import preferencesEn from "../src/messages/preferences.en.json";
import { GROUPS } from "../src/preferences/questions";
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
const isIn =
  (folder: string) =>
  ([path]: [string, string]) =>
    path.includes(`/${folder}/`);
const isConsole = isIn("console");
const code = (of: [string, string][]) => of.map(([, text]) => text).join();

const FILES: [string, Messages, Messages, string][] = [
  ["the app", en, de, code(sources.filter((file) => !isConsole(file)))],
  ["the console", consoleEn, consoleDe, code(sources.filter(isConsole))],
  ["preferences", preferencesEn, preferencesDe, code(sources.filter(isIn("preferences")))],
];

test.each(FILES)("both languages of %s say the same things", (_, english, german) => {
  expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
});

test.each(FILES)("a message of %s has the same blanks in both", (_, english, german) => {
  for (const key of Object.keys(english))
    expect([key, blanks(german[key]!)]).toEqual([key, blanks(english[key]!)]);
});

test.each(FILES)("every message of %s is used", (_, english, __, used) => {
  const isUsed = (key: string) =>
    key.startsWith("row_")
      ? used.includes("row_${")
      : new RegExp(`[" ]${key.split(".").at(-1)}[" ]`).test(used);
  const unused = Object.keys(english).filter((key) => !isUsed(key));
  expect(unused).toEqual([]);
});

test("every question and each answer to choose has a name", () => {
  const known: Messages = preferencesEn;
  for (const { title, questions } of GROUPS) {
    expect(known).toHaveProperty([title]);
    for (const question of questions) {
      expect(known).toHaveProperty([question.name]);
      if (!("options" in question) || question.name === "languagePreferences") continue;
      if (question.name === "streamingPlatforms") continue; // names of their own
      for (const option of question.options)
        expect([
          option,
          known[`${question.name}.${option}`] ?? known[`answer.${option}`],
        ]).not.toContain(undefined);
    }
  }
});
