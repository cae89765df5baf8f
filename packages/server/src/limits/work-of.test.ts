import { allOperations } from "@cairn/operations/all";
import { expect, test } from "vitest";
import { readingAll, workOf } from "./work-of.ts";

test("TEN-4 a call keeps busy what it reads or writes, in proportion to its items", () => {
  const read = { name: "recall.recall", audit: "read" } as const;
  const write = { name: "memories.remember_batch", audit: "write" } as const;
  expect(workOf(read, { queries: 1, embeddings: 1, results: 50 })).toEqual({ work: "light", cost: 1 });
  expect(workOf(write, { memories: 1, embeddings: 1 })).toEqual({ work: "medium", cost: 1 });
  expect(workOf(write, { memories: 250, embeddings: 250 })).toEqual({ work: "heavy", cost: 250 });
  expect(workOf({ name: "embedding.embed", audit: "read" }, { embeddings: 100 })).toEqual({ work: "heavy", cost: 100 });
  expect(workOf({ name: "memories.export", audit: "read" }, {}).work).toBe("heavy");
});

test("TEN-4 what is said to read everything exists", () => {
  const names = new Set(allOperations.map(({ name }) => name));
  expect(readingAll.filter((name) => !names.has(name))).toEqual([]);
});
