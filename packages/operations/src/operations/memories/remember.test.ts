import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { getMemory } from "./get.ts";
import { remember } from "./remember.ts";

const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) });

describe("remember", () => {
  test("MEM-1 keeps every field that is given", async () => {
    const { call } = setUpOperations();
    const given = {
      content: "Anna prefers tea.",
      key: "anna.drink",
      category: "preference",
      entity: "Anna",
      tags: ["drinks", "people"],
      metadata: { nested: { "any key": [1, null, "x"] } },
      context: "At breakfast.",
      author: "Ben",
      sessionId: "s1",
      sessionSeq: 3,
      sourceType: "user_explicit",
      sourceUri: "slack:general/17",
      importance: 0.5,
      confidence: 0.9,
      occurredAt: "2026-03-01T08:00:00.000Z",
      validFrom: "2026-01-01T00:00:00.000Z",
      validUntil: "2027-01-01T00:00:00.000Z",
      expiresAt: "2030-01-01T00:00:00.000Z",
    };
    const answer = await call(remember, given);
    expect(answer).toMatchObject({ success: true, status: "stored", duplicateOf: null, error: null, version: 1 });
    const stored = await call(getMemory, { id: answer.memoryId });
    expect(stored).toMatchObject({ ...given, trust: "person", decay: null });
  });

  test("MEM-1 fills in what is not given", async () => {
    const { call } = setUpOperations();
    const { memoryId } = await call(remember, { content: "Just this.", tags: null, metadata: null, context: "" });
    expect(await call(getMemory, { id: memoryId })).toMatchObject({
      tags: [],
      metadata: null,
      context: "",
      sourceType: "auto_capture",
      trust: "agent",
      confidence: 1,
      importance: null,
      expiresAt: null,
      createdAt: "2026-03-14T12:00:00.000Z",
      createdBy: "local",
    });
  });

  test("MEM-11 decides itself which agent wrote, whatever the client says", async () => {
    const { call } = setUpOperations();
    const given = {
      content: "Forged.",
      sourceInstance: "someone-else",
      createdBy: "root",
      id: "chosen",
      trust: "person",
    };
    const { memoryId } = await call(remember, given);
    expect(memoryId).not.toBe("chosen");
    expect(await call(getMemory, { id: memoryId })).toMatchObject({
      sourceInstance: "test-instance",
      createdBy: "local",
      trust: "agent",
    });
  });

  test("API-1 takes `deliberate` for a person's own words", async () => {
    const { call } = setUpOperations();
    const { memoryId } = await call(remember, { content: "By hand.", sourceType: "deliberate" });
    expect(await call(getMemory, { id: memoryId })).toMatchObject({ sourceType: "user_explicit", trust: "person" });
  });

  test.each([
    ["ephemeral", "2026-03-14T16:00:00.000Z"],
    ["short", "2026-03-16T12:00:00.000Z"],
    ["normal", "2026-03-28T12:00:00.000Z"],
    ["durable", "2026-06-12T12:00:00.000Z"],
    ["permanent", null],
  ])("MEM-7 lets %s memories expire at %s", async (decay, expiresAt) => {
    const { call } = setUpOperations();
    const { memoryId } = await call(remember, { content: "For a while.", decay });
    expect(await call(getMemory, { id: memoryId })).toMatchObject({ decay, expiresAt });
  });

  test("MEM-5 names the duplicate, and stores it when told so", async () => {
    const { call } = setUpOperations();
    const first = await call(remember, { content: "The sky is blue." });
    const again = await call(remember, { content: "The sky is blue." });
    expect(again).toMatchObject({ success: false, status: "duplicate", memoryId: null, duplicateOf: first.memoryId });
    expect(await call(remember, { content: "The sky is blue.", skipDedup: true })).toMatchObject({ success: true });
  });

  test("MEM-2 refuses a stale version of a named memory and tells the current one", async () => {
    const { call } = setUpOperations();
    await call(remember, { content: "one", key: "k" });
    expect(await call(remember, { content: "two", key: "k", expectedVersion: 1 })).toMatchObject({
      status: "updated",
      version: 2,
    });
    await expect(call(remember, { content: "three", key: "k", expectedVersion: 1 })).rejects.toMatchObject({
      code: "memory.version_conflict",
      data: { currentVersion: 2 },
    });
  });

  test("stores without vectors while nothing can be embedded", async () => {
    const { call, embedder, services } = setUpOperations();
    embedder.setAvailable(false);
    const { memoryId, success } = await call(remember, { content: "Words only." });
    expect(success).toBe(true);
    const { id: space } = (await services.directory.resolve("default"))!;
    expect(await services.engine.read(space).vectors([memoryId!])).toEqual([null]);
  });

  test("keeps spaces apart, and knows none that does not exist", async () => {
    const { call, services } = setUpOperations();
    await services.directory.create({ name: "other", description: null });
    const { memoryId } = await call(remember, { content: "Elsewhere.", space: "Other" });
    await expect(call(getMemory, { id: memoryId })).rejects.toMatchObject({ code: "memory.not_found" });
    expect(await call(getMemory, { id: memoryId, space: "other" })).toMatchObject({ content: "Elsewhere." });
    await expect(call(remember, { content: "x", space: "nowhere" })).rejects.toMatchObject({ code: "space.not_found" });
  });

  test("trims tags, keeps each once, and takes a name like __proto__ in metadata for data", async () => {
    const { call } = setUpOperations();
    const metadata: unknown = JSON.parse('{"__proto__":{"x":1},"constructor":2}');
    const { memoryId } = await call(remember, { content: "Tagged.", tags: [" a ", "a", "b"], metadata });
    const stored = await call(getMemory, { id: memoryId });
    expect(stored.tags).toEqual(["a", "b"]);
    expect(JSON.stringify(stored.metadata)).toBe('{"__proto__":{"x":1},"constructor":2}');
  });

  test("counts characters as people do: 50,000 emoji are 50,000", async () => {
    const { call } = setUpOperations();
    expect(await call(remember, { content: "🪨".repeat(50_000) })).toMatchObject({ success: true });
    await expect(call(remember, { content: "🪨".repeat(50_001) })).rejects.toThrow("this has 50001");
  });

  const good = { content: "fine" };
  test.each<readonly [what: string, input: unknown, path: string, message: RegExp]>([
    ["no object", "text", "", /expected object/u],
    ["null", null, "", /expected object/u],
    ["no content", {}, "content", /expected string/u],
    ["content of the wrong type", { content: 5 }, "content", /expected string/u],
    ["empty content", { content: "" }, "content", /must be 1 to 50000 characters; this is empty/u],
    ["blank content", { content: " \n\t\u00a0" }, "content", /must not be blank/u],
    [
      "long content",
      { content: "x".repeat(61_234) },
      "content",
      /content must be 1 to 50000 characters; this has 61234/u,
    ],
    ["a lone surrogate", { content: "a\ud800b" }, "content", /well-formed Unicode/u],
    ["NUL", { content: "a\0b" }, "content", /U\+0000/u],
    ["a long key", { ...good, key: "k".repeat(256) }, "key", /1 to 255 characters; this has 256/u],
    [
      "21 tags",
      { ...good, tags: Array.from({ length: 21 }, (_, index) => `t${index}`) },
      "tags",
      /at most 20; these are 21/u,
    ],
    [
      "10,000 tags",
      { ...good, tags: Array.from({ length: 10_000 }, () => "t") },
      "tags",
      /at most 20; these are 10000/u,
    ],
    ["a blank tag", { ...good, tags: ["a", "  "] }, "tags.1", /1 to 100 characters/u],
    ["a long tag", { ...good, tags: ["t".repeat(101)] }, "tags.0", /this has 101/u],
    ["a tag that is a number", { ...good, tags: [1] }, "tags.0", /expected string/u],
    ["tags that are a text", { ...good, tags: "a,b" }, "tags", /list of texts/u],
    ["metadata that is a list", { ...good, metadata: [1] }, "metadata", /JSON object/u],
    ["metadata that is a text", { ...good, metadata: "{}" }, "metadata", /JSON object/u],
    ["deep metadata", { ...good, metadata: nested(17) }, "metadata", /at most 16 levels/u],
    ["very deep metadata", { ...good, metadata: nested(5_000) }, "metadata", /at most 16 levels/u],
    [
      "large metadata",
      { ...good, metadata: { x: "ä".repeat(40_000) } },
      "metadata",
      /at most 65536 bytes of JSON; this has/u,
    ],
    ["infinite metadata", { ...good, metadata: { x: Number.POSITIVE_INFINITY } }, "metadata", /finite/u],
    ["NUL in metadata", { ...good, metadata: { x: ["a\0"] } }, "metadata", /U\+0000/u],
    ["half a surrogate pair in a metadata key", { ...good, metadata: { "\udc00": 1 } }, "metadata", /well-formed/u],
    ["an unknown category", { ...good, category: "thing" }, "category", /one of preference, fact/u],
    ["an unknown source type", { ...good, sourceType: "__proto__" }, "source_type", /one of user_explicit/u],
    ["an unknown trust", { ...good, trust: "god" }, "trust", /one of person/u],
    ["importance over 1", { ...good, importance: 1.1 }, "importance", /from 0 to 1/u],
    ["importance as text", { ...good, importance: "0.5" }, "importance", /from 0 to 1/u],
    ["confidence that is no number", { ...good, confidence: Number.NaN }, "confidence", /from 0 to 1/u],
    ["a date that is none", { ...good, occurredAt: "yesterday" }, "occurred_at", /RFC 3339/u],
    ["a day that no calendar has", { ...good, occurredAt: "2026-02-30T00:00:00Z" }, "occurred_at", /RFC 3339/u],
    ["a year out of range", { ...good, occurredAt: "+275760-09-13T00:00:00Z" }, "occurred_at", /0001 to 9999/u],
    ["a date that is a number", { ...good, occurredAt: 1_700_000_000 }, "occurred_at", /expected string/u],
    [
      "decay and expiry",
      { ...good, decay: "short", expiresAt: "2030-01-01T00:00:00Z" },
      "expires_at",
      /exclude each other/u,
    ],
    ["an unknown decay", { ...good, decay: "forever" }, "decay", /one of permanent/u],
    [
      "an empty validity",
      { ...good, validFrom: "2026-01-01T00:00:00Z", validUntil: "2026-01-01T00:00:00Z" },
      "valid_until",
      /later than valid_from/u,
    ],
    ["a negative position", { ...good, sessionSeq: -1 }, "session_seq", /0 or more/u],
    ["a version that is no number", { ...good, expectedVersion: "1" }, "expected_version", /whole number/u],
    ["a long address", { ...good, sourceUri: `https://x.org/${"y".repeat(2_048)}` }, "source_uri", /1 to 2048/u],
  ])("API-3 refuses %s, says what would be right, and stores nothing", async (_what, input, path, message) => {
    const { call, services, embedder } = setUpOperations();
    const failure = await call(remember, input).then(
      () => null,
      (error: unknown) =>
        error as {
          readonly code: string;
          readonly data: { readonly problems: readonly { readonly path: string; readonly message: string }[] };
        },
    );
    expect(failure?.code).toBe("request.invalid");
    expect(failure?.data.problems.find((problem) => problem.path === path)?.message).toMatch(message);
    const { id: space } = (await services.directory.resolve("default"))!;
    expect((await services.engine.read(space).stats()).memories).toBe(0);
    expect(embedder.passageCalls).toEqual([]);
  });
});
