import { expect, test, vi } from "vitest";
import type { Decided, Found } from "../src/rooms/documents";

vi.mock("../src/api/graphql", () => ({ graphql: () => ({}), ask: vi.fn(), listen: vi.fn() }));
const { all, evenings } = await import("../src/rooms/history");
const { pending } = await import("../src/crews/crews");

const match = (roomId: string, movieId: number, timestamp: string) =>
  ({ roomId, movieId, timestamp, matchId: `${roomId} ${movieId}` }) as Found;
const decision = (roomId: string, movieId: number, timestamp: string) =>
  ({ roomId, movieId, timestamp, decisionId: `${roomId} ${movieId}` }) as Decided;

test("matches and decisions are told by their evenings, the latest first", () => {
  const past = evenings(
    [match("b", 3, "2026-02-02"), match("a", 1, "2026-01-01"), match("a", 2, "2026-01-01")],
    [decision("a", 2, "2026-03-03")],
  );

  expect(past.map(({ roomId }) => roomId)).toEqual(["a", "b"]);
  expect(past[0]!.decision?.movieId).toBe(2);
  expect(past[0]!.matches.map(({ movieId }) => movieId)).toEqual([1]); // not the decided one again
  expect(past[1]!.decision).toBeNull();
});

test("all pages are read, each after the last one of the page before", async () => {
  const ids = Array.from({ length: 201 }, (_, index) => String(index));
  const asked: (string | null)[] = [];

  const found = await all(
    async (after) => {
      asked.push(after);
      const from = after === null ? 0 : ids.indexOf(after) + 1;
      return ids.slice(from, from + 100);
    },
    (id) => id,
  );

  expect(found).toEqual(ids);
  expect(asked).toEqual([null, "99", "199"]);
});

test("an invitation is offered while its room is open and one is not in it", () => {
  const of = (roomId: string, closesAt: string) => ({ roomId, closesAt, crewName: "", code: "" });
  const sent = [of("open", "2026-12-02"), of("over", "2026-11-30"), of("mine", "2026-12-02")];

  const offered = pending(sent, [{ id: "mine" }], Date.parse("2026-12-01"));

  expect(offered.map(({ roomId }) => roomId)).toEqual(["open"]);
});
