import { expect, test } from "vitest";
import { readQuery } from "./query-input.ts";

const known = new Map([
  ["limit", { schema: { anyOf: [{ type: "integer" }, { type: "null" }] } }],
  ["score", { schema: { type: "number" } }],
  ["purge", { schema: { type: ["boolean", "null"] } }],
  ["tags", { schema: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }] } }],
  ["q", { schema: { type: "string" } }],
]);
const read = (search: string) => readQuery(new URLSearchParams(search), known);

test("API-3: texts of a query become what the schema asks for", () => {
  expect(read("limit=5&score=-1.5e1&purge=true&q=7")).toEqual({ limit: 5, score: -15, purge: true, q: "7" });
});

test("a list may be repeated or joined by commas", () => {
  expect(read("tags=a&tags=b,c")).toEqual({ tags: ["a", "b,c"] });
  expect(read("tags=a,b")).toEqual({ tags: ["a", "b"] });
  expect(read("tags=")).toEqual({ tags: [] });
});

test("what does not fit stays a text, so that validation can say what is wrong with it", () => {
  expect(read("limit=many&purge=maybe&score=0x10")).toEqual({ limit: "many", purge: "maybe", score: "0x10" });
});

test("unknown parameters are ignored, and of a repeated one the last counts", () => {
  expect(read("limit=1&limit=2&nothing=3&__proto__=4")).toEqual({ limit: 2 });
});
