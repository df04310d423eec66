import { expect, test } from "vitest";
import type { FeedEntry } from "../src/rooms/documents";
import { Follower } from "../src/rooms/feed";

const entry = (seq: number, kind: FeedEntry["kind"] = "JOINED") => ({ seq, kind }) as FeedEntry;

/** A feed with so many entries, and a follower that has heard `heard`. */
function followed(told: number) {
  const state = { told, heard: [] as number[], past: [] as number[], reads: 0 };
  const follower = new Follower(
    async (after) => {
      state.reads += 1;
      const all = Array.from({ length: state.told }, (_, index) => entry(index + 1));
      return all.slice(after, after + 100);
    },
    ({ seq }, past) => (past ? state.past : state.heard).push(seq),
  );
  return { state, follower };
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test("the feed is read to its end", async () => {
  const { state, follower } = followed(250);

  await follower.catchUp(true);

  expect(state.past).toEqual(upTo(250));
  expect(state.heard).toEqual([]);
});

test("an entry that arrives twice, or late, is heard once", async () => {
  const { state, follower } = followed(0);
  for (const seq of [1, 2, 2, 1, 3]) await follower.arrive(entry(seq));

  expect(state.heard).toEqual([1, 2, 3]);
  expect(state.reads).toBe(0);
});

test("a gap is read, also while more arrives", async () => {
  const { state, follower } = followed(5);

  await Promise.all([follower.arrive(entry(4)), follower.arrive(entry(5))]);

  expect(state.heard).toEqual([1, 2, 3, 4, 5]);
  expect(state.reads).toBe(1);
});

test("after a reset the feed goes on from where it says", async () => {
  const heard: [number, string][] = [];
  const follower = new Follower(
    async (after) => (after < 40 ? [entry(40, "RESET"), entry(41)] : []),
    ({ seq, kind }) => heard.push([seq, kind]),
  );

  await follower.catchUp();
  await follower.arrive(entry(42));

  expect(heard).toEqual([
    [40, "RESET"],
    [41, "JOINED"],
    [42, "JOINED"],
  ]);
});
