import { afterEach, expect, test } from "vitest";
import type { Invocation, Judged, Reason } from "../src/console/api";
import { change, read } from "../src/console/api";
import { chosen, hear, heard, passes } from "../src/console/live";
import { parsed } from "../src/console/parts";
import { laidOut } from "../src/console/queues";
import { spans } from "../src/console/requests";
import { sentence } from "../src/console/rules";
import { answers, json, requests } from "./setup";

const invocation = (service: string, began: number, ended: number) =>
  ({ service, function: `${service}Function`, began, ended, lines: [] }) as unknown as Invocation;

const event = (type: string, source: string, correlation_id: string, event_id = type) =>
  ({
    event: { "detail-type": type, source, detail: { metadata: { correlation_id, event_id } } },
    known: true,
    violations: [],
  }) as unknown as Judged;

afterEach(() => {
  answers.length = 0;
  requests.length = 0;
  heard.value = [];
  chosen.value = null;
});

test("the first invocation begins at the left, and the last ends at the right", () => {
  const [first, second, instant] = spans([
    invocation("rooms", 1000, 1100),
    invocation("catalog", 1050, 1200),
    invocation("auth", 1200, 1200),
  ]);

  expect(first).toMatchObject({ after: 0, took: 100, left: 0, width: 0.5 });
  expect(second).toMatchObject({ after: 50, took: 150, left: 0.25, width: 0.75 });
  expect(instant).toMatchObject({ after: 200, took: 0, left: 1 });
  expect(instant!.width).toBeGreaterThan(0);
});

test("an invocation that took no time is drawn all the same", () => {
  expect(spans([invocation("rooms", 5, 5)])).toMatchObject([{ left: 0, after: 0, took: 0 }]);
});

test.each<[Partial<Reason>, string]>([
  [
    { asked: ["VoteCast", "MatchFound"], found: "RoomClosed", accepted: false, is_there: true },
    "detail-type is RoomClosed: the rule wants VoteCast or MatchFound.",
  ],
  [
    { asked: [{ prefix: "Match" }], found: "MatchFound", accepted: true, is_there: true },
    'detail-type is MatchFound, one of {"prefix":"Match"}.',
  ],
  [
    { asked: [{ exists: false }], found: null, accepted: true, is_there: false },
    "detail-type is not there, and must not be.",
  ],
  [
    { asked: ["VoteCast"], found: null, accepted: false, is_there: false },
    "detail-type is not there: the rule wants VoteCast.",
  ],
])("a rule says why: %o", (reason, said) => {
  expect(sentence({ field: "detail-type", ...reason } as Reason)).toBe(said);
});

test.each([
  [{}, ["A", "B"]],
  [{ type: "A" }, ["A"]],
  [{ source: "matinee.auth" }, ["B"]],
  [{ correlation: "two" }, ["B"]],
  [{ type: "A", correlation: "two" }, []],
])("of what was heard, %o shows %o", (filter, shown) => {
  hear(event("A", "matinee.rooms", "one"));
  hear(event("B", "matinee.auth", "two"));

  const wanted = { type: "", source: "", correlation: "", ...filter };
  const found = heard.value.filter(passes(wanted)).map((one) => one.event["detail-type"]);

  expect(found.sort()).toEqual(shown);
});

test("the latest event is first, and what is long ago is forgotten", () => {
  for (let number = 0; number < 250; number += 1) hear(event(`T${number}`, "s", "c"));

  expect(heard.value.length).toBe(200);
  expect(heard.value[0]!.event["detail-type"]).toBe("T249");
});

test("what changes something carries the header that a foreign page cannot send", async () => {
  answers.push(() => json({ done: "moved" }));

  await change.redrive("NotifierDlq");

  expect(requests[0]).toMatchObject({ method: "POST" });
  expect(new URL(requests[0]!.url).pathname).toBe("/_matinee/console/queues/NotifierDlq/redrive");
  expect(requests[0]!.headers.get("x-matinee-console")).toBe("1");
});

test("a refusal says its code and why", async () => {
  answers.push(() => json({ code: "ReadOnly", detail: "This console only reads." }, 403));

  await expect(change.send("MatchFound", {})).rejects.toMatchObject({
    code: "ReadOnly",
    message: "This console only reads.",
    status: 403,
  });
});

test("a correlation id of somebody's own making is one part of the address", async () => {
  answers.push(() => json({ items: [] }));

  await read.trace("a/b?c", 5);

  expect(new URL(requests[0]!.url).pathname).toBe("/_matinee/console/traces/a%2Fb%3Fc");
});

test("a dead letter is laid out where it is JSON", () => {
  expect(laidOut('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(laidOut("not JSON")).toBe("not JSON");
});

test("what is typed and no JSON is refused beside the form", () => {
  expect(parsed('{"source": "matinee.rooms"}')).toEqual({ source: "matinee.rooms" });
  expect(() => parsed("{")).toThrow(expect.objectContaining({ code: "InvalidInput" }));
});
