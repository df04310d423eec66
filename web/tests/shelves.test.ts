import { beforeEach, expect, test } from "vitest";
import { answers, json, requests } from "./setup";

const FILM = { mediaId: "7", mediaType: "movie", title: "Seven" } as const;
const claims = { sub: "ann", exp: Date.now() / 1000 + 3600 };
localStorage.setItem(
  "matinee.session",
  JSON.stringify({ accessToken: `h.${btoa(JSON.stringify(claims))}.s`, refreshToken: "r" }),
);
const empty = () => json({ items: [], nextCursor: null });
answers.push(empty, empty, empty, empty);
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

test("a title is on the list at once, and stays when the product has it", async () => {
  answers.push(() => new Response(null, { status: 204 }));

  const done = put("favourites", FILM, true);

  expect(isOn("favourites", FILM)).toBe(true);
  await done;
  expect(isOn("favourites", FILM)).toBe(true);
  expect(requests.at(-1)).toMatchObject({
    method: "PUT",
    url: "http://rest.example/user/favourites/movie/7",
  });
});

test("a refused title is off the list again", async () => {
  answers.push(() => json({ code: "Unavailable", detail: "Later." }, 503));

  await expect(put("favourites", FILM, true)).rejects.toMatchObject({ code: "Unavailable" });

  expect(isOn("favourites", FILM)).toBe(false);
});
