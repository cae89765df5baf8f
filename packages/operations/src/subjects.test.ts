import { expect, test } from "vitest";
import type { Operation } from "./operation.ts";
import { subjectsOf } from "./subjects.ts";

const of = (input: unknown, output: unknown, operation: object = {}) =>
  subjectsOf(operation as unknown as Operation, input as never, output as never);
const id = (number: number): string => `01890000-0000-7000-8000-${String(number).padStart(12, "0")}`;

test("TEN-8 what was acted on are the ids of input and output, also of lists", () => {
  const results = [{ memory: { id: id(2), content: "x" } }, { memory: { id: id(3), content: "y" } }];
  expect(of({ id: id(1) }, { results, memoryId: id(4) })).toEqual([id(1), id(4), id(2), id(3)]);
});

test("TEN-8 what was acted on never holds content: no text, no named key, no metadata, no API key", () => {
  const secret = { content: id(1), key: id(2), metadata: { id: id(3) }, bundle: { entries: [{ id: id(4) }] } };
  expect(of({ id: "Anna drinks tea", ...secret }, { principal: "Anna drinks tea", name: "user:anna" })).toEqual([]);
  expect(of({}, { principal: "user:anna" })).toEqual(["user:anna"]);
});

test("TEN-8 what was acted on is at most 20 ids, and what an operation says itself stands", () => {
  const many = Array.from({ length: 500 }, (_, at) => ({ id: id(at) }));
  expect(of({}, { memories: many })).toHaveLength(20);
  expect(of({ id: id(1) }, {}, { subjects: () => ["key-1", "key-1"] })).toEqual(["key-1"]);
});
