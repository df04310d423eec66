import { readFileSync } from "node:fs";
import { buildSchema, validate, type DocumentNode } from "graphql";
import { expect, test } from "vitest";
import * as crews from "../src/crews/documents";
import * as rooms from "../src/rooms/documents";

const documents = { ...crews, ...rooms };
const schema = buildSchema(readFileSync("src/generated/schema.graphql", "utf8"));

test.each(Object.entries(documents))("%s is what the schema offers", (_, document) => {
  expect(validate(schema, document as unknown as DocumentNode)).toEqual([]);
});

test("a field that the schema has not is noticed", () => {
  const [first] = Object.values(documents) as unknown as DocumentNode[];
  const renamed = JSON.parse(
    JSON.stringify(first).replaceAll('"title"', '"heading"').replaceAll('"id"', '"number"'),
  );
  expect(validate(schema, renamed)).not.toEqual([]);
});
