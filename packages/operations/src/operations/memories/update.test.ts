import { CairnError } from "@cairn/kernel/error";
import { makeFakeEngine } from "@cairn/testing/fake-engine";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { remember } from "./remember.ts";
import { updateMemory } from "./update.ts";

const setUp = async (fields: Readonly<Record<string, unknown>> = {}) => {
  const setup = setUpOperations();
  const { memoryId: id } = await setup.call(remember, {
    content: "old",
    author: "Ann",
    importance: 0.5,
    tags: ["a"],
    ...fields,
  });
  return {
    ...setup,
    change: (changes: Readonly<Record<string, unknown>>) => setup.call(updateMemory, { id, ...changes }),
  };
};

describe("update", () => {
  test("MEM-2 sets what is named, empties what is null, and leaves the rest", async () => {
    const { change } = await setUp({ metadata: { x: 1 } });
    const changed = await change({ importance: null, tags: ["b"], confidence: 0.5 });
    expect(changed).toMatchObject({
      content: "old",
      author: "Ann",
      importance: null,
      tags: ["b"],
      confidence: 0.5,
      metadata: { x: 1 },
      version: 2,
    });
    expect(await change({ tags: null, confidence: null, metadata: null })).toMatchObject({
      tags: [],
      confidence: 1,
      metadata: null,
      version: 3,
    });
  });

  test("MEM-2 refuses a stale version and tells the current one", async () => {
    const { change } = await setUp();
    await change({ importance: 0.6, expectedVersion: 1 });
    await expect(change({ importance: 0.7, expectedVersion: 1 })).rejects.toMatchObject({
      code: "memory.version_conflict",
      data: { currentVersion: 2 },
    });
  });

  test.each([
    [{ content: "new" }, 2],
    [{ author: "Ben" }, 2],
    [{ occurredAt: "2026-01-01T00:00:00Z" }, 2],
    [{ importance: 0.9, tags: ["b"], content: "old", author: "Ann" }, 1],
  ])("embeds anew only what means something else: %j", async (changes, calls) => {
    const { change, embedder } = await setUp();
    await change(changes);
    expect(embedder.passageCalls).toHaveLength(calls);
  });

  test("MEM-7 counts a new decay from now, and an explicit expiry ends it", async () => {
    const { change, setNow } = await setUp({ decay: "short" });
    setNow(Date.parse("2026-03-15T00:00:00Z"));
    expect(await change({ decay: "ephemeral" })).toMatchObject({
      decay: "ephemeral",
      expiresAt: "2026-03-15T04:00:00.000Z",
    });
    expect(await change({ expiresAt: "2028-01-01T00:00:00Z" })).toMatchObject({
      decay: null,
      expiresAt: "2028-01-01T00:00:00.000Z",
    });
    expect(await change({ expiresAt: null })).toMatchObject({ decay: null, expiresAt: null });
    expect(await change({ decay: "permanent" })).toMatchObject({ decay: "permanent", expiresAt: null });
  });

  test("MEM-11 lowers trust and never raises it, nor changes who wrote", async () => {
    const { change } = await setUp();
    expect(await change({ trust: "person", sourceType: "user_explicit", sourceInstance: "x" })).toMatchObject({
      trust: "agent",
      sourceInstance: "test-instance",
    });
    expect(await change({ sourceUri: "https://example.org" })).toMatchObject({ trust: "web" });
    expect(await change({ sourceUri: null, trust: "person" })).toMatchObject({ trust: "web" });
  });

  test("checks the validity that results, not only what is named", async () => {
    const { change } = await setUp({ validFrom: "2026-01-01T00:00:00Z" });
    await expect(change({ validUntil: "2025-01-01T00:00:00Z" })).rejects.toMatchObject({
      code: "request.invalid",
      data: { problems: [{ path: "valid_until" }] },
    });
  });

  test("looks again when someone else changed the memory in between", async () => {
    const engine = makeFakeEngine();
    let races = 2;
    const racing: typeof engine = {
      ...engine,
      write: (space, actor) => {
        const writer = engine.write(space, actor);
        return {
          ...writer,
          update: async (update) => {
            if (races > 0) {
              races -= 1;
              throw new CairnError("memory.version_conflict", "The memory has moved on.", { currentVersion: 9 });
            }
            return writer.update(update);
          },
        };
      },
    };
    const { call } = setUpOperations({ engine: racing });
    const { memoryId } = await call(remember, { content: "old" });
    expect(await call(updateMemory, { id: memoryId, content: "new" })).toMatchObject({ content: "new" });
    races = 1_000;
    await expect(call(updateMemory, { id: memoryId, content: "newer" })).rejects.toMatchObject({
      code: "memory.version_conflict",
    });
  });

  test.each([
    [{ content: null }, "content"],
    [{ content: "" }, "content must be 1 to 50000"],
    [{ decay: "short", expiresAt: "2030-01-01T00:00:00Z" }, "exclude each other"],
    [{ importance: 2 }, "from 0 to 1"],
  ])("API-3 refuses %j", async (changes, message) => {
    const { change } = await setUp();
    await expect(change(changes)).rejects.toThrow(message);
  });

  test("says so when there is no such memory", async () => {
    const { call } = setUpOperations();
    await expect(call(updateMemory, { id: "nope", importance: 1 })).rejects.toMatchObject({ code: "memory.not_found" });
  });
});
