import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { changes, GROUPS, several, words } from "../src/preferences/questions";

test("only what is answered otherwise is sent", () => {
  const stored = { contentType: "both", keywords: ["space"], region: null, minRating: 0 };

  expect(changes(stored, { contentType: "tv", keywords: ["space"], region: null })).toEqual({
    contentType: "tv",
  });
  expect(changes(stored, { minRating: null, region: "" })).toEqual({ minRating: null });
});

test("an answer without content deletes the stored one, part by part", () => {
  const stored = {
    keywords: ["space"],
    genreRatings: { 18: 7 },
    favoritePeople: { actors: ["Ann"], directors: ["Ben"] },
  };

  expect(
    changes(stored, {
      keywords: [],
      genreRatings: {},
      favoritePeople: { directors: ["Ben"], actors: [] },
    }),
  ).toEqual({
    keywords: null,
    genreRatings: null,
    favoritePeople: { actors: null, directors: ["Ben"] },
  });
});

test("people whose names come in another order of fields are the same people", () => {
  const stored = { favoritePeople: { actors: [], directors: ["Ben"] } };

  expect(changes(stored, { favoritePeople: { directors: ["Ben"], actors: null } })).toEqual({});
});

test("words are read as they are typed, and one answer as several", () => {
  expect(words(" space, ,time travel ")).toEqual(["space", "time travel"]);
  expect([several("alone"), several(["a"]), several(null)]).toEqual([["alone"], ["a"], []]);
});

test("every question that the product takes is asked", () => {
  const types = readFileSync("src/generated/rest.d.ts", "utf8");
  const [, change] = /\n {8}PreferencesChange: \{([\s\S]*?)\n {8}\}/.exec(types)!;
  const taken = [...change!.matchAll(/^ {12}(\w+)\?:/gm)].map(([, name]) => name);
  const asked: string[] = GROUPS.flatMap(({ questions }) => questions.map(({ name }) => name));
  const others = ["extra", "questionnaireCompleted", "updatedAt", "userId"];

  expect(taken.filter((name) => !others.includes(name!)).sort()).toEqual(asked.sort());
});
