import { expect, test } from "vitest";
import { genreNames } from "../src/ui/details";

const GENRES = {
  movie: [
    { id: 28, name: "Action" },
    { id: 10749, name: "Romance" },
  ],
  tv: [{ id: 28, name: "Another" }],
};

test.each([
  ["movie", [10749, 28], ["Romance", "Action"]],
  ["tv", [28], ["Another"]],
  ["movie", [7], []],
  ["movie", [], []],
] as const)("the genres of a %s, %o, are %o", (mediaType, genreIds, names) => {
  expect(genreNames({ mediaType, genreIds: [...genreIds] }, GENRES)).toEqual(names);
});

test("until the genres are known a title has no names of them", () => {
  expect(genreNames({ mediaType: "movie", genreIds: [28] }, null)).toEqual([]);
});
