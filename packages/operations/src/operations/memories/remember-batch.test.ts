import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { listMemories } from "./list.ts";
import { remember } from "./remember.ts";
import { rememberBatch } from "./remember-batch.ts";

const draft = (content: string): { readonly content: string } => ({ content });

describe("remember many", () => {
  test("MEM-6 gives a result for each, in order, and embeds them in one call", async () => {
    const { call, embedder } = setUpOperations();
    const first = await call(remember, draft("known already"));
    const answer = await call(rememberBatch, { memories: ["new one", "known already", "new two"].map(draft) });
    expect(answer).toMatchObject({ total: 3, successful: 2, failed: 1 });
    expect(answer.results.map(({ status }) => status)).toEqual(["stored", "duplicate", "stored"]);
    expect(answer.results[1]).toMatchObject({ success: false, duplicateOf: first.memoryId });
    expect(embedder.passageCalls).toHaveLength(2);
  });

  test("MEM-6 reports what fails and stores the rest", async () => {
    const { call } = setUpOperations();
    await call(remember, { content: "named", key: "k" });
    const memories = [{ content: "stale", key: "k", expectedVersion: 7 }, draft("fine")];
    const answer = await call(rememberBatch, { memories });
    expect(answer).toMatchObject({ successful: 1, failed: 1 });
    expect(answer.results[0]).toMatchObject({ status: "failed", code: "memory.version_conflict", memoryId: null });
  });

  test("MEM-6 stores none of an atomic batch when one fails", async () => {
    const { call } = setUpOperations();
    await call(remember, { content: "named", key: "k" });
    const memories = [draft("fine"), { content: "stale", key: "k", expectedVersion: 7 }];
    await expect(call(rememberBatch, { memories, atomic: true })).rejects.toMatchObject({
      code: "memory.batch_rejected",
      data: { problems: [{ path: "memories.1", code: "memory.version_conflict" }] },
    });
    expect((await call(listMemories, {})).memories).toHaveLength(1);
  });

  test("MEM-6 takes a thousand", async () => {
    const { call } = setUpOperations();
    const memories = Array.from({ length: 1_000 }, (_, index) => ({ ...draft(`memory ${index}`), skipDedup: true }));
    expect(await call(rememberBatch, { memories })).toMatchObject({ total: 1_000, successful: 1_000 });
  });

  test.each<readonly [what: string, input: unknown, message: string]>([
    ["an empty batch", { memories: [] }, "memories must be 1 to 1000; these are 0"],
    [
      "1,001 memories",
      { memories: Array.from({ length: 1_001 }, () => draft("x")) },
      "memories must be 1 to 1000; these are 1001",
    ],
    ["no list", { memories: "x" }, "memories"],
    ["one that is blank", { memories: [draft("x"), draft(" ")] }, "memories.1.content: content must not be blank"],
    ["a flag that is none", { memories: [draft("x")], atomic: "yes" }, "atomic must be true or false"],
  ])("MEM-6 refuses %s as a whole", async (_what, input, message) => {
    const { call } = setUpOperations();
    await expect(call(rememberBatch, input)).rejects.toThrow(message);
    expect((await call(listMemories, {})).memories).toEqual([]);
  });
});
