import { beforeEach, expect, test } from "vitest";
import { answers, json } from "./setup";

const FILM = { mediaId: "7", mediaType: "movie", title: "Seven" } as const;
const claims = { sub: "ann", exp: Date.now() / 1000 + 3600 };
localStorage.setItem(
  "matinee.session",
  JSON.stringify({ accessToken: `h.${btoa(JSON.stringify(claims))}.s`, refreshToken: "r" }),
);
const empty = () => json({ items: [], nextCursor: null });
answers.push(empty, empty);
const { entries, isOn, load, put } = await import("../src/shelves");

beforeEach(async () => {
  answers.push(empty);
  await load("favourites");
});

test("a list is read to its end", async () => {
  answers.push(
    () => json({ items: [FILM], nextCursor: "more" }),
    () => json({ items: [{ ...FILM, mediaId: "8" }] }),
  );

  await load("favourites");

  expect(entries("favourites")?.map(({ mediaId }) => mediaId)).toEqual(["7", "8"]);
});

test("a title is on the list at once, as the product has it in the end", async () => {
  answers.push(() =>
    json({ message: "added", item: { ...FILM, addedAt: "2026-01-01T00:00:00Z" } }),
  );

  const done = put("favourites", FILM, true);

  expect(isOn("favourites", FILM)).toBe(true);
  await done;
  expect(entries("favourites")?.[0]?.addedAt).toBe("2026-01-01T00:00:00Z");
});

test("a refused title is off the list again", async () => {
  answers.push(() => json({ code: "Unavailable", detail: "Later." }, 503));

  await expect(put("favourites", FILM, true)).rejects.toMatchObject({ code: "Unavailable" });

  expect(isOn("favourites", FILM)).toBe(false);
});
