import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { forget } from "./forget.ts";
import { getMemory } from "./get.ts";
import { memoryHistory } from "./history.ts";
import { listMemories } from "./list.ts";
import { remember } from "./remember.ts";
import { restoreMemory } from "./restore.ts";
import { updateMemory } from "./update.ts";

const setUp = async () => {
  const setup = setUpOperations();
  const { memoryId } = await setup.call(remember, { content: "first" });
  return { ...setup, id: memoryId ?? "" };
};

describe("the life of a memory", () => {
  test("MEM-2 is gone when it is forgotten", async () => {
    const { call, id } = await setUp();
    expect(await call(forget, { id })).toEqual({ success: true, memoryId: id });
    await expect(call(getMemory, { id })).rejects.toMatchObject({ code: "memory.not_found" });
    await expect(call(forget, { id })).rejects.toMatchObject({ code: "memory.not_found" });
  });

  test("MEM-2 is not forgotten by someone who has seen another version", async () => {
    const { call, id } = await setUp();
    await expect(call(forget, { id, expectedVersion: 5 })).rejects.toMatchObject({ code: "memory.version_conflict" });
    expect(await call(getMemory, { id })).toMatchObject({ content: "first" });
  });

  test("MEM-3 comes back until it is purged", async () => {
    const { call, id } = await setUp();
    await call(forget, { id });
    expect(await call(restoreMemory, { id })).toMatchObject({ id, content: "first" });
    await call(forget, { id, purge: true });
    await expect(call(restoreMemory, { id })).rejects.toMatchObject({ code: "memory.not_found" });
    await expect(call(memoryHistory, { id })).rejects.toMatchObject({ code: "memory.not_found" });
  });

  test("MEM-3 tells who changed what and when, in times that people read", async () => {
    const { call, id, setNow } = await setUp();
    setNow(Date.parse("2026-03-15T00:00:00Z"));
    await call(updateMemory, { id, content: "second", occurredAt: "2026-01-01T00:00:00Z" });
    const { versions } = await call(memoryHistory, { id });
    expect(versions).toHaveLength(2);
    expect(versions[1]).toMatchObject({
      version: 2,
      kind: "update",
      at: "2026-03-15T00:00:00.000Z",
      by: "local",
      agent: "test-instance",
      diff: { content: { from: "first", to: "second" }, occurredAt: { from: null, to: "2026-01-01T00:00:00.000Z" } },
      memory: { content: "second" },
    });
    expect(await call(restoreMemory, { id, version: 1 })).toMatchObject({ content: "first", version: 3 });
    await expect(call(restoreMemory, { id, version: 9 })).rejects.toMatchObject({ code: "memory.version_not_found" });
  });
});

describe("the list of memories", () => {
  test("goes through all of them by cursor, newest first", async () => {
    const { call } = setUpOperations();
    for (let index = 0; index < 5; index += 1) await call(remember, { content: `memory ${index}` });
    const contents: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { readonly memories: readonly { readonly content: string }[]; readonly cursor: string | null } =
        await call(listMemories, { limit: 2, cursor });
      contents.push(...page.memories.map(({ content }) => content));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(contents).toEqual(["memory 4", "memory 3", "memory 2", "memory 1", "memory 0"]);
  });

  test("REC-2 keeps what passes every filter", async () => {
    const { call } = setUpOperations();
    await call(remember, { content: "both", tags: ["a", "b"], category: "fact", occurredAt: "2026-02-01T00:00:00Z" });
    await call(remember, { content: "one", tags: ["a"], category: "rule", occurredAt: "2026-03-01T00:00:00Z" });
    await call(remember, { content: "none", sourceType: "user_explicit" });
    const contents = async (filter: unknown) =>
      (await call(listMemories, filter)).memories.map(({ content }) => content);
    expect(await contents({ tags: ["a", "b"] })).toEqual(["one", "both"]);
    expect(await contents({ tags: ["a", "b"], tagsMode: "all" })).toEqual(["both"]);
    expect(await contents({ tags: [] })).toHaveLength(3);
    expect(await contents({ category: "rule" })).toEqual(["one"]);
    expect(await contents({ minTrust: "person" })).toEqual(["none"]);
    expect(await contents({ after: "2026-02", before: "2026-02" })).toEqual(["both"]);
    expect(await contents({ before: "2026-02-01T00:00:00Z" })).toEqual([]);
    expect(await contents({ after: "last week" })).toEqual(["none"]);
  });

  test.each([
    [{ limit: 0 }, "limit must be a whole number from 1 to 200"],
    [{ limit: 1.5 }, "limit must be a whole number"],
    [{ order: "random" }, "order must be newest or oldest"],
    [{ after: "gibberish" }, "after must be an RFC 3339 time"],
    [{ timeZone: "Mars/Olympus" }, "time zone"],
    [{ tagsMode: "some" }, "tags_mode must be all or any"],
  ])("API-3 refuses %j", async (input, message) => {
    const { call } = setUpOperations();
    await expect(call(listMemories, input)).rejects.toThrow(message);
    await expect(call(listMemories, input)).rejects.toMatchObject({ code: "request.invalid" });
  });
});
