import { expect, test } from "vitest";
import { inTurn } from "../src/in-turn";

test("what is asked for at once is done one after the other, also after a failure", async () => {
  const done: string[] = [];
  const turn = inTurn();
  const work = (name: string, milliseconds: number) => async () => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    done.push(name);
    if (name === "second") throw new Error(name);
    return name;
  };

  const all = [turn(work("first", 20)), turn(work("second", 5)), turn(work("third", 0))];

  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(done).toEqual(["first", "second", "third"]);
});
