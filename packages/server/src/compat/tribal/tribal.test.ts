/** TribalMemory's HTTP contract, call by call, through real HTTP. */
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { serving } from "../../test-support.ts";

const setup = async () => {
  const operations = setUpOperations();
  const server = await serving(operations.pipeline);
  const post = async (path: string, body: unknown) => (await server.send("POST", path, body)).json;
  return { ...server, post, setNow: operations.setNow, [Symbol.asyncDispose]: server.close };
};
const memoryFields = [
  "id",
  "content",
  "source_instance",
  "source_type",
  "created_at",
  "updated_at",
  "tags",
  "context",
  "confidence",
  "supersedes",
] as const;

describe("the server", () => {
  test("API-1: GET / names the service, the version and the docs", async () => {
    await using server = await setup();
    const { json } = await server.send("GET", "/");
    expect(json).toEqual({ service: "tribal-memory", name: "cairn", version: "0.0.0-test", docs: "/docs" });
  });

  test("API-1: health and stats have its fields", async () => {
    await using server = await setup();
    await server.post("/v1/remember", { content: "Tea is kept dry.", tags: ["tea"], source_type: "user_explicit" });
    expect((await server.send("GET", "/v1/health")).json).toEqual({
      status: "ok",
      instance_id: "test-instance",
      memory_count: 1,
      version: "0.0.0-test",
    });
    expect((await server.send("GET", "/v1/stats")).json).toMatchObject({
      total_memories: 1,
      by_source_type: { user_explicit: 1 },
      by_tag: { tea: 1 },
      instance_id: "test-instance",
    });
  });
});

describe("remember", () => {
  test("API-1: answers success, id, duplicate and error", async () => {
    await using server = await setup();
    const stored = await server.post("/v1/remember", { content: "The key is under the mat." });
    expect(stored).toMatchObject({ success: true, memory_id: expect.any(String), duplicate_of: null, error: null });
    const again = await server.post("/v1/remember", { content: "The key is under the mat." });
    expect(again).toMatchObject({ success: false, memory_id: null, duplicate_of: stored.memory_id });
    const forced = await server.post("/v1/remember", { content: "The key is under the mat.", skip_dedup: true });
    expect(forced).toMatchObject({ success: true, duplicate_of: null });
  });

  test("API-1: its plugin's `deliberate` counts as said by a person, and unknown fields are ignored", async () => {
    await using server = await setup();
    const body = { content: "Tuesdays are free.", source_type: "deliberate", source_instance: "forged", whatever: 1 };
    const { memory_id: id } = await server.post("/v1/remember", body);
    const { json } = await server.send("GET", `/v1/memory/${id}`);
    expect(json).toMatchObject({ source_type: "user_explicit", source_instance: "test-instance" });
  });

  test.each([
    ["no content", {}, ["body", "content"], "missing"],
    ["content of another type", { content: 7 }, ["body", "content"], "type_error"],
    ["blank content", { content: " \n\t" }, ["body", "content"], undefined],
    ["content that is too long", { content: "x".repeat(50_001) }, ["body", "content"], undefined],
    ["half a surrogate pair", { content: "a\ud800b" }, ["body", "content"], undefined],
    ["NUL", { content: "a\u0000b" }, ["body", "content"], undefined],
    ["tags that are no list", { content: "x", tags: "a" }, ["body", "tags"], "type_error"],
    ["a tag of another type", { content: "x", tags: ["a", 1] }, ["body", "tags", 1], "type_error"],
    [
      "10,000 tags",
      { content: "x", tags: Array.from({ length: 10_000 }, (_, index) => `t${index}`) },
      ["body", "tags"],
      undefined,
    ],
    ["an unknown source type", { content: "x", source_type: "magic" }, ["body", "source_type"], undefined],
    ["a flag that is no flag", { content: "x", skip_dedup: "yes" }, ["body", "skip_dedup"], "type_error"],
  ])("API-1 MEM-1: %s is 422 with where and what, and stores nothing", async (_, body, loc, type) => {
    await using server = await setup();
    const { status, json } = await server.send("POST", "/v1/remember", body);
    expect(status).toBe(422);
    expect(json.detail[0]).toMatchObject({ loc, msg: expect.any(String), ...(type === undefined ? {} : { type }) });
    expect((await server.send("GET", "/v1/stats")).json.total_memories).toBe(0);
  });

  test("API-1: a space that does not exist is a failed call, told as one", async () => {
    await using server = await setup();
    const { status, json } = await server.send("POST", "/v1/remember", { content: "x", space: "nowhere" });
    expect([status, json.success, json.code]).toEqual([200, false, "space.not_found"]);
  });

  test("native fields come back on the same memory", async () => {
    await using server = await setup();
    const body = {
      content: "We chose PostgreSQL.",
      category: "decision",
      entity: "PostgreSQL",
      metadata: { prNumber: 7, "a b": [] },
      occurred_at: "2026-01-02T03:04:05+01:00",
      session_id: "s",
      session_seq: 3,
    };
    const { memory_id: id, version } = await server.post("/v1/remember", body);
    expect(version).toBe(1);
    expect((await server.send("GET", `/v1/memory/${id}`)).json).toMatchObject({
      ...body,
      occurred_at: "2026-01-02T02:04:05.000Z",
      version: 1,
    });
  });
});

describe("remember/batch", () => {
  test("API-1 MEM-6: each memory has its result, a duplicate fails alone", async () => {
    await using server = await setup();
    const { memory_id: original } = await server.post("/v1/remember", { content: "Original memory" });
    const memories = [{ content: "New memory A" }, { content: "Original memory" }, { content: "New memory B" }];
    const json = await server.post("/v1/remember/batch", { memories });
    expect(json).toMatchObject({ total: 3, successful: 2, failed: 1 });
    expect(json.results[1]).toMatchObject({ success: false, duplicate_of: original });
  });

  test.each([
    ["none", []],
    ["more than a thousand", Array.from({ length: 1_001 }, (_, index) => ({ content: `memory ${index}` }))],
    ["one that is invalid", [{ content: "fine" }, { content: "" }]],
    ["no list", "all of them"],
  ])("API-1 MEM-6: %s is 422 for the whole call", async (_, memories) => {
    await using server = await setup();
    const { status } = await server.send("POST", "/v1/remember/batch", { memories });
    expect(status).toBe(422);
    expect((await server.send("GET", "/v1/stats")).json.total_memories).toBe(0);
  });

  test("the place of what is wrong is named", async () => {
    await using server = await setup();
    const { json } = await server.send("POST", "/v1/remember/batch", { memories: [{ content: "fine" }, {}] });
    expect(json.detail[0].loc).toEqual(["body", "memories", 1, "content"]);
  });
});

describe("recall", () => {
  test("API-1: results hold the memory with its fields, the score and the times", async () => {
    await using server = await setup();
    await server.post("/v1/remember", { content: "Joe likes Python programming", tags: ["people"] });
    const json = await server.post("/v1/recall", {
      query: "What does Joe like about Python?",
      limit: 5,
      min_relevance: 0,
    });
    expect(json).toMatchObject({
      query: "What does Joe like about Python?",
      error: null,
      total_time_ms: expect.any(Number),
    });
    expect(json.results[0]).toMatchObject({
      similarity_score: expect.any(Number),
      retrieval_time_ms: expect.any(Number),
    });
    for (const field of memoryFields) expect(json.results[0].memory).toHaveProperty(field);
    expect(json).toMatchObject({ partial: false, tokens: expect.any(Number) });
    expect(json.results[0]).toMatchObject({ space: expect.any(String), neighbours: [], conflicts: [], stale: false });
  });

  test("API-1: an empty memory has no results", async () => {
    await using server = await setup();
    expect((await server.post("/v1/recall", { query: "anything" })).results).toEqual([]);
  });

  test.each([
    ["a blank query", { query: "  " }],
    ["no query", {}],
    ["limit 0", { query: "x", limit: 0 }],
    ["limit 51", { query: "x", limit: 51 }],
    ["a limit with a fraction", { query: "x", limit: 1.5 }],
    ["a limit that is a text", { query: "x", limit: "5" }],
    ["a relevance above 1", { query: "x", min_relevance: 1.1 }],
    ["a relevance below 0", { query: "x", min_relevance: -0.1 }],
    ["a date that is none", { query: "x", after: "blue" }],
  ])("API-1 REC-2: %s is 422", async (_, body) => {
    await using server = await setup();
    const { status, json } = await server.send("POST", "/v1/recall", body);
    expect([status, Array.isArray(json.detail)]).toEqual([422, true]);
  });

  test("API-1: a failure while working is 200 with no results, the query and the error", async () => {
    await using server = await setup();
    const json = await server.post("/v1/recall", { query: "tea", space: "nowhere" });
    expect(json).toMatchObject({
      results: [],
      query: "tea",
      total_time_ms: expect.any(Number),
      error: expect.any(String),
    });
  });
});

describe("correct, forget and get", () => {
  test("API-1 MEM-4: a correction has a new id and supersedes the original", async () => {
    await using server = await setup();
    const { memory_id: original } = await server.post("/v1/remember", { content: "Anna lives in Lyon" });
    const corrected = await server.post("/v1/correct", {
      original_id: original,
      corrected_content: "Anna lives in Marseille",
    });
    expect(corrected).toMatchObject({ success: true, duplicate_of: null, error: null });
    expect(corrected.memory_id).not.toBe(original);
    expect((await server.send("GET", `/v1/memory/${corrected.memory_id}`)).json).toMatchObject({
      supersedes: original,
      source_type: "correction",
    });
  });

  test("API-1: correcting what is unknown is a failed call", async () => {
    await using server = await setup();
    const { status, json } = await server.send("POST", "/v1/correct", { original_id: "nope", corrected_content: "x" });
    expect([status, json]).toMatchObject([200, { success: false, memory_id: null, code: "memory.not_found" }]);
  });

  test("API-1 MEM-2: forgetting is always 200, and says whether there was anything", async () => {
    await using server = await setup();
    const { memory_id: id } = await server.post("/v1/remember", { content: "Memory to forget" });
    expect((await server.send("DELETE", `/v1/forget/${id}`)).json).toEqual({ success: true, memory_id: id });
    for (const unknown of [id, "nonexistent-id", "%20", "x".repeat(300)]) {
      expect(await server.send("DELETE", `/v1/forget/${unknown}`)).toMatchObject({
        status: 200,
        json: { success: false },
      });
    }
  });

  test("API-1: an unknown id is 404 with a detail", async () => {
    await using server = await setup();
    expect(await server.send("GET", "/v1/memory/nonexistent-id")).toMatchObject({
      status: 404,
      json: { detail: "Memory nonexistent-id not found" },
    });
  });
});

describe("sessions", () => {
  const messages = [
    { role: "user", content: "What is Docker?", timestamp: "2024-01-01T12:00:00Z" },
    { role: "assistant", content: "Docker is a container platform.", timestamp: "2024-01-01T12:00:30Z" },
  ];

  test("API-1 MEM-9: a transcript goes in and is found", async () => {
    await using server = await setup();
    expect(await server.post("/v1/sessions/ingest", { session_id: "s-1", messages })).toMatchObject({
      success: true,
      chunks_created: expect.any(Number),
      messages_processed: 2,
      error: null,
    });
    const { status, json } = await server.send(
      "GET",
      "/v1/sessions/search?query=Docker&min_relevance=-1&session_id=s-1&limit=1",
    );
    expect(status).toBe(200);
    expect(json).toMatchObject({ query: "Docker", offset: 0, limit: 1, has_more: expect.any(Boolean), error: null });
    expect(json.total_count).toBeGreaterThan(0);
    expect(Object.keys(json.results[0])).toEqual(
      expect.arrayContaining([
        "chunk_id",
        "session_id",
        "instance_id",
        "content",
        "similarity_score",
        "start_time",
        "end_time",
        "chunk_index",
      ]),
    );
  });

  test("API-1: no messages are no chunks", async () => {
    await using server = await setup();
    expect(await server.post("/v1/sessions/ingest", { session_id: "s", messages: [] })).toMatchObject({
      success: true,
      chunks_created: 0,
    });
  });

  test.each([
    ["messages without content", { session_id: "s", messages: [{ role: "user" }] }],
    ["no session", { messages }],
    ["a time that is none", { session_id: "s", messages: [{ role: "user", content: "x", timestamp: "then" }] }],
    ["messages that are no list", { session_id: "s", messages: "hello" }],
  ])("API-1: %s are 422", async (_, body) => {
    await using server = await setup();
    expect((await server.send("POST", "/v1/sessions/ingest", body)).status).toBe(422);
  });

  test.each(["limit=0", "limit=999", "offset=-5", "offset=999999", "min_relevance=-7", "min_relevance=3"])(
    "API-1: %s is moved into range",
    async (parameter) => {
      await using server = await setup();
      expect((await server.send("GET", `/v1/sessions/search?query=x&${parameter}`)).status).toBe(200);
    },
  );

  test.each(["", "query=", "query=x&limit=many", "query=x&offset=1.5"])(
    "API-1: a search with %j is 422",
    async (search) => {
      await using server = await setup();
      const { status, json } = await server.send("GET", `/v1/sessions/search?${search}`);
      expect([status, json.detail[0].loc[0]]).toEqual([422, "query"]);
    },
  );
});

describe("export and import", () => {
  test("API-1: what was exported comes back with ids, times and tags", async () => {
    await using server = await setup();
    const { memory_id: id } = await server.post("/v1/remember", { content: "To be moved", tags: ["keep"] });
    await server.post("/v1/remember", { content: "To be left", tags: ["leave"] });
    const exported = await server.post("/v1/export", { tags: ["keep"] });
    expect(exported).toMatchObject({
      success: true,
      memory_count: 1,
      error: null,
      bundle: { manifest: { schema_version: "1.0", memory_count: 1 } },
    });
    expect(exported.bundle.entries[0]).toMatchObject({ id, content: "To be moved", tags: ["keep"] });
    await using other = await setup();
    const dry = await other.post("/v1/import", { bundle: exported.bundle, dry_run: true });
    expect(dry).toMatchObject({ success: true, total: 1, imported: 1, dry_run: true });
    expect((await other.send("GET", "/v1/stats")).json.total_memories).toBe(0);
    const imported = await other.post("/v1/import", { bundle: exported.bundle });
    expect(imported).toMatchObject({
      success: true,
      total: 1,
      imported: 1,
      skipped: 0,
      overwritten: 0,
      errors: 0,
      error_details: [],
      error: null,
    });
    expect((await other.send("GET", `/v1/memory/${id}`)).json.content).toBe("To be moved");
    expect(await other.post("/v1/import", { bundle: exported.bundle })).toMatchObject({ imported: 0, skipped: 1 });
  });

  test.each([
    ["a date that is none", "/v1/export", { date_from: "not-a-date" }],
    [
      "an unknown conflict resolution",
      "/v1/import",
      { bundle: { manifest: {}, entries: [] }, conflict_resolution: "overwirte" },
    ],
    [
      "an unknown embedding strategy",
      "/v1/import",
      { bundle: { manifest: {}, entries: [] }, embedding_strategy: "yolo" },
    ],
    ["a bundle that is none", "/v1/import", { bundle: { nothing: true } }],
  ])("API-1: %s is a failed call", async (_, path, body) => {
    await using server = await setup();
    const { status, json } = await server.send("POST", path, body);
    expect([status, json.success, typeof json.error]).toEqual([200, false, "string"]);
  });

  test.each([
    ["no bundle", {}],
    ["a bundle that is a text", { bundle: "{}" }],
    ["a flag that is no flag", { bundle: { manifest: {}, entries: [] }, dry_run: "maybe" }],
  ])("API-1: an import with %s is 422", async (_, body) => {
    await using server = await setup();
    expect((await server.send("POST", "/v1/import", body)).status).toBe(422);
  });
});
