/** TribalMemory's ten tools: names, parameters, defaults and answers. */
import { localIdentity } from "@cairn/memory/permission/identity";
import { mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { mcpClient } from "../mcp-test-client.ts";
import { runStdioServer } from "../stdio.ts";

const setup = async () => {
  const { pipeline } = setUpOperations();
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const caller = { identity: localIdentity("shell"), address: null, instance: "mcp-test", defaultSpace: "default" };
  const server = runStdioServer({
    pipeline: () => Promise.resolve(pipeline),
    caller,
    log: () => undefined,
    stdin,
    stdout,
  });
  const client = mcpClient(stdin, stdout);
  await client.initialize();
  const ask = async (name: string, args: object = {}) => (await client.tool(name, args)).json;
  return { ...client, ask, [Symbol.asyncDispose]: server.close };
};
const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), "cairn-mcp-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
};

describe("the list of tools", () => {
  const parameters: Readonly<Record<string, readonly string[]>> = {
    tribal_remember: ["content", "source_type", "context", "tags", "skip_dedup"],
    tribal_recall: ["query", "limit", "min_relevance", "tags", "sources", "after", "before"],
    tribal_sessions_ingest: ["session_id", "messages", "instance_id"],
    tribal_correct: ["original_id", "corrected_content", "context"],
    tribal_forget: ["memory_id"],
    tribal_stats: [],
    tribal_recall_entity: ["entity_name", "hops", "limit"],
    tribal_entity_graph: ["entity_name", "hops"],
    tribal_export: ["tags", "date_from", "date_to", "output_path"],
    tribal_import: ["input_path", "bundle_json", "conflict_resolution", "embedding_strategy", "dry_run"],
  };

  test("API-6: has TribalMemory's ten with their parameters and defaults", async () => {
    await using client = await setup();
    const { tools } = (await client.request("tools/list")).result;
    const tribal = tools.filter(({ name }: { name: string }) => name.startsWith("tribal_"));
    const found = Object.fromEntries(
      tribal.map(({ name, inputSchema }: { name: string; inputSchema: { properties?: object } }) => [
        name,
        Object.keys(inputSchema.properties ?? {}),
      ]),
    );
    expect(found).toEqual(parameters);
    const schemaOf = (name: string) => tribal.find((tool: { name: string }) => tool.name === name).inputSchema;
    expect(schemaOf("tribal_recall").properties).toMatchObject({
      limit: { default: 5 },
      min_relevance: { default: 0.3 },
      sources: { default: "memories" },
    });
    expect(schemaOf("tribal_recall").required).toEqual(["query"]);
    expect(schemaOf("tribal_recall_entity").properties).toMatchObject({ hops: { default: 1 }, limit: { default: 10 } });
    expect(schemaOf("tribal_entity_graph").properties).toMatchObject({ hops: { default: 2 } });
    expect(schemaOf("tribal_import").required).toBeUndefined();
    expect(schemaOf("tribal_sessions_ingest").properties.messages.type).toBe("string");
  });
});

describe("the life of a memory", () => {
  test("API-6: remember, recall, correct, forget, count", async () => {
    await using client = await setup();
    const content = "The project deadline is March 15th";
    const stored = await client.ask("tribal_remember", { content, source_type: "user_explicit", tags: ["deadlines"] });
    expect(stored).toEqual({ success: true, memory_id: expect.any(String), duplicate_of: null, error: null });
    expect(await client.ask("tribal_remember", { content })).toEqual({
      success: false,
      memory_id: null,
      duplicate_of: stored.memory_id,
      error: null,
    });
    const recalled = await client.ask("tribal_recall", { query: "project deadline", min_relevance: 0 });
    expect(recalled).toMatchObject({ query: "project deadline", count: 1, sources: "memories" });
    expect(Object.keys(recalled.results[0]).toSorted()).toEqual(
      [
        "type",
        "memory_id",
        "content",
        "similarity_score",
        "source_type",
        "source_instance",
        "tags",
        "created_at",
        "context",
      ].toSorted(),
    );
    expect(recalled.results[0]).toMatchObject({
      type: "memory",
      source_instance: "mcp-test",
      source_type: "user_explicit",
    });
    const corrected = await client.ask("tribal_correct", {
      original_id: stored.memory_id,
      corrected_content: "The project deadline is March 22nd",
    });
    expect(corrected).toEqual({ success: true, memory_id: expect.any(String), error: null });
    const after = await client.ask("tribal_recall", { query: "project deadline March", min_relevance: 0 });
    expect(after.results.map((result: { content: string }) => result.content)).toEqual([
      "The project deadline is March 22nd",
    ]);
    expect(await client.ask("tribal_forget", { memory_id: corrected.memory_id })).toEqual({
      success: true,
      memory_id: corrected.memory_id,
    });
    expect(await client.ask("tribal_forget", { memory_id: "nonexistent" })).toEqual({
      success: false,
      memory_id: "nonexistent",
    });
    const stats = await client.ask("tribal_stats");
    expect(Object.keys(stats)).toEqual(["total_memories", "by_source_type", "by_tag", "by_instance", "corrections"]);
  });

  test("API-6: tags may come as a text, numbers out of range are moved into it", async () => {
    await using client = await setup();
    await client.ask("tribal_remember", { content: "Python is a language", tags: '["programming"]' });
    await client.ask("tribal_remember", { content: "The weather is fine", tags: ["weather"] });
    const found = await client.ask("tribal_recall", {
      query: "Python weather",
      tags: ["programming"],
      limit: 1_000,
      min_relevance: -3,
    });
    expect(found.results.map((result: { tags: string[] }) => result.tags)).toEqual([["programming"]]);
    expect(await client.ask("tribal_recall", { query: "Python", limit: 0 })).toHaveProperty("results");
    expect(await client.ask("tribal_recall_entity", { entity_name: "x", hops: 99, limit: -1 })).toMatchObject({
      hops: 10,
      count: 0,
    });
  });
});

describe("blank input is an error inside the answer, never an exception", () => {
  test.each([
    ["tribal_remember", { content: "" }, { success: false, error: "Content cannot be empty" }],
    ["tribal_remember", { content: "   \n\t  " }, { success: false, error: "Content cannot be empty" }],
    ["tribal_recall", { query: "" }, { count: 0, results: [], error: "Query cannot be empty" }],
    [
      "tribal_recall",
      { query: "x", sources: "invalid" },
      { count: 0, error: expect.stringMatching(/^Invalid sources: invalid/u) },
    ],
    [
      "tribal_correct",
      { original_id: "", corrected_content: "x" },
      { success: false, error: "Original ID cannot be empty" },
    ],
    [
      "tribal_correct",
      { original_id: "x", corrected_content: " " },
      { success: false, error: "Corrected content cannot be empty" },
    ],
    [
      "tribal_correct",
      { original_id: "unknown", corrected_content: "x" },
      { success: false, memory_id: null, error: expect.any(String) },
    ],
    ["tribal_forget", { memory_id: "" }, { success: false, error: "Memory ID cannot be empty" }],
    ["tribal_recall_entity", { entity_name: "" }, { results: [], count: 0, error: "Entity name cannot be empty" }],
    ["tribal_entity_graph", { entity_name: " " }, { entities: [], error: "Entity name cannot be empty" }],
    [
      "tribal_sessions_ingest",
      { session_id: " ", messages: "[]" },
      { success: false, error: "session_id cannot be empty" },
    ],
    [
      "tribal_sessions_ingest",
      { session_id: "s", messages: "not-json" },
      { success: false, error: expect.stringMatching(/^Invalid messages JSON/u) },
    ],
    [
      "tribal_sessions_ingest",
      { session_id: "s", messages: "{}" },
      { success: false, error: "messages must be a JSON array" },
    ],
    [
      "tribal_sessions_ingest",
      { session_id: "s", messages: '[{"role":"user"}]' },
      { success: false, error: "Message 0 must have 'role' and 'content' fields" },
    ],
    ["tribal_import", {}, { success: false, error: "Provide input_path or bundle_json" }],
    [
      "tribal_import",
      { bundle_json: "not valid json{{{" },
      { success: false, error: expect.stringMatching(/^Failed to parse bundle/u) },
    ],
    [
      "tribal_import",
      { bundle_json: '{"manifest":{},"entries":[]}', conflict_resolution: "invalid" },
      { success: false, error: expect.any(String) },
    ],
    ["tribal_export", { date_from: "not-a-date" }, { success: false, error: expect.stringMatching(/date_from/u) }],
  ])("API-6: %s %j", async (name, args, expected) => {
    await using client = await setup();
    const { result, json } = await client.tool(name, args);
    expect(json).toMatchObject(expected);
    expect(result.isError).toBeUndefined();
  });

  test("API-6: an argument of the wrong type is an error of the call that says which", async () => {
    await using client = await setup();
    const { result, text } = await client.tool("tribal_recall", { query: 7 });
    expect(result.isError).toBe(true);
    expect(text).toMatch(/- query: /u);
  });
});

describe("sessions and entities", () => {
  test("API-6 MEM-9: a transcript goes in, a bad time becomes now, and all sources are searched", async () => {
    await using client = await setup();
    const messages = JSON.stringify([
      { role: "user", content: "What is Docker?", timestamp: "sometime" },
      { role: "assistant", content: "Docker is a container platform." },
    ]);
    expect(
      await client.ask("tribal_sessions_ingest", { session_id: "s", messages, instance_id: "other" }),
    ).toMatchObject({ success: true, messages_processed: 2 });
    await client.ask("tribal_remember", { content: "Docker runs the build" });
    const { results, sources } = await client.ask("tribal_recall", {
      query: "Docker",
      sources: "all",
      min_relevance: 0,
    });
    expect([sources, new Set(results.map((result: { type: string }) => result.type))]).toEqual([
      "all",
      new Set(["memory", "session"]),
    ]);
    const session = results.find((result: { type: string }) => result.type === "session");
    expect(Object.keys(session)).toEqual(
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
    const only = await client.ask("tribal_recall", { query: "Docker", sources: "sessions", min_relevance: 0 });
    expect(only.results.every((result: { type: string }) => result.type === "session")).toBe(true);
  });

  test("API-6 MEM-8: an entity nobody named has an empty graph and no memories", async () => {
    await using client = await setup();
    expect(await client.ask("tribal_entity_graph", { entity_name: "nobody" })).toEqual({
      entities: [],
      relationships: [],
    });
    expect(await client.ask("tribal_recall_entity", { entity_name: "nobody" })).toEqual({
      results: [],
      entity: "nobody",
      hops: 1,
      count: 0,
    });
  });
});

describe("files", () => {
  test("API-6: export to a file and import from it", async () => {
    await using client = await setup();
    await using place = await folder();
    const path = join(place.path, "bundle.json");
    await client.ask("tribal_remember", { content: "Round trip memory", tags: ["roundtrip"] });
    expect(await client.ask("tribal_export", { output_path: path })).toEqual({
      success: true,
      memory_count: 1,
      output_path: path,
    });
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
      manifest: { schema_version: "1.0" },
      entries: [{ content: "Round trip memory" }],
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(place.path)).toEqual(["bundle.json"]);
    expect(await client.ask("tribal_import", { input_path: path, dry_run: true })).toMatchObject({
      success: true,
      dry_run: true,
      total: 1,
    });
    expect(await client.ask("tribal_import", { input_path: path })).toMatchObject({
      success: true,
      total: 1,
      skipped: 1,
    });
    expect(await client.ask("tribal_export", { output_path: path })).toMatchObject({ success: true });
  });

  test("API-6: without a path the bundle is in the answer", async () => {
    await using client = await setup();
    expect(await client.ask("tribal_export")).toMatchObject({
      success: true,
      memory_count: 0,
      manifest: { memory_count: 0 },
      entries: [],
    });
  });

  test("API-6: an export replaces no folder, no link, and no file that is not an export", async () => {
    await using client = await setup();
    await using place = await folder();
    const precious = join(place.path, ".bashrc");
    await writeFile(precious, "alias ll='ls -l'\n");
    const link = join(place.path, "link.json");
    await symlink(precious, link);
    for (const path of [place.path, precious, link, join(place.path, "none", "x.json"), "a\u0000b"]) {
      const { success, error } = await client.ask("tribal_export", { output_path: path });
      expect([success, /^Write failed: |U\+0000/u.test(error)]).toEqual([false, true]);
    }
    expect(await readFile(precious, "utf8")).toBe("alias ll='ls -l'\n");
    expect((await readdir(place.path)).toSorted()).toEqual([".bashrc", "link.json"]);
  });

  test("API-6: an import reads no folder, no device, and repeats nothing of a file that is no bundle", async () => {
    await using client = await setup();
    await using place = await folder();
    const secret = join(place.path, "secret.txt");
    await writeFile(secret, "password=hunter2");
    for (const path of [place.path, "/dev/zero", join(place.path, "none.json"), secret]) {
      const answer = await client.ask("tribal_import", { input_path: path });
      expect(answer).toMatchObject({ success: false, error: expect.stringMatching(/^Failed to parse bundle/u) });
      expect(JSON.stringify(answer)).not.toContain("hunter2");
    }
  });
});
