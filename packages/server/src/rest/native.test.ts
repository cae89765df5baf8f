/** Cairn's own calls through real HTTP: names on the wire, problems, paging, and writes that are sent twice. */
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { serving } from "../test-support.ts";

const setup = async () => {
  const operations = setUpOperations();
  const server = await serving(operations.pipeline);
  const remember = async (content: string, more: object = {}): Promise<string> =>
    (await server.send("POST", "/v1/remember", { content, ...more })).json.memory_id;
  return { ...server, records: operations.records, remember, [Symbol.asyncDispose]: server.close };
};

describe("memories", () => {
  test("API-3 MEM-2: read, change under a version, conflict, delete", async () => {
    await using server = await setup();
    const id = await server.remember("The build takes four minutes.");
    const path = `/v1/memories/${id}`;
    expect((await server.send("GET", path)).json).toMatchObject({
      id,
      content: "The build takes four minutes.",
      version: 1,
    });
    const changed = await server.send("PATCH", path, {
      content: "The build takes five minutes.",
      importance: 0.9,
      expected_version: 1,
    });
    expect(changed).toMatchObject({ status: 200, json: { version: 2, importance: 0.9 } });
    const stale = await server.send("PATCH", path, { content: "The build takes six minutes.", expected_version: 1 });
    expect(stale).toMatchObject({
      status: 409,
      type: "application/problem+json",
      json: { code: "memory.version_conflict", current_version: 2 },
    });
    expect(await server.send("DELETE", `${path}?expected_version=2`)).toMatchObject({
      status: 200,
      json: { success: true, memory_id: id },
    });
    expect(await server.send("GET", path)).toMatchObject({
      status: 404,
      json: { code: "memory.not_found", status: 404 },
    });
  });

  test("the id of the path wins over one in the body", async () => {
    await using server = await setup();
    const [one, other] = [await server.remember("First of two."), await server.remember("Second of two.")];
    const { json } = await server.send("PATCH", `/v1/memories/${one}`, { id: other, content: "Changed." });
    expect(json.id).toBe(one);
  });

  test("API-3 MEM-3: history names who, when and what; restore brings a version back", async () => {
    await using server = await setup();
    const id = await server.remember("v one");
    await server.send("PATCH", `/v1/memories/${id}`, { content: "v two", session_id: "s" });
    const { json } = await server.send("GET", `/v1/memories/${id}/history`);
    expect(json.versions.map((version: { version: number }) => version.version)).toEqual([1, 2]);
    expect(json.versions[1].diff).toMatchObject({
      content: { from: "v one", to: "v two" },
      session_id: { from: null, to: "s" },
    });
    const restored = await server.send("POST", `/v1/memories/${id}/restore`, { version: 1 });
    expect(restored).toMatchObject({ status: 200, json: { content: "v one", version: 3 } });
  });

  test("API-3: a deleted memory is restored without a body", async () => {
    await using server = await setup();
    const id = await server.remember("Back again.");
    await server.send("DELETE", `/v1/memories/${id}`);
    expect(await server.send("POST", `/v1/memories/${id}/restore`)).toMatchObject({ status: 200, json: { id } });
  });

  test("API-3: lists are filtered and paged by a cursor", async () => {
    await using server = await setup();
    for (let index = 0; index < 5; index += 1) await server.remember(`Page memory number ${index}`, { tags: ["page"] });
    await server.remember("Not on any page", { tags: ["other"] });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const search: string = `tags=page&limit=2${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
      const { json } = await server.send("GET", `/v1/memories?${search}`);
      seen.push(...json.memories.map((memory: { content: string }) => memory.content));
      cursor = json.cursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(5);
  });

  test("API-3: what is wrong is named by field, in the names of the wire", async () => {
    await using server = await setup();
    const { status, json } = await server.send("GET", "/v1/memories?limit=many&min_trust=nobody");
    expect(status).toBe(422);
    expect(json).toMatchObject({
      code: "request.invalid",
      title: "Request invalid",
      type: "urn:cairn:problem:request.invalid",
    });
    expect(json.errors.map((problem: { path: string }) => problem.path)).toEqual(
      expect.arrayContaining(["limit", "min_trust"]),
    );
  });

  test("API-3 REC-4: a space's own reranking is set, shown and followed", async () => {
    await using server = await setup();
    const created = await server.send("POST", "/v1/spaces", { name: "ranked", rerank: "heuristic" });
    expect(created).toMatchObject({ status: 201, json: { rerank: "heuristic" } });
    await server.remember("The ferry leaves in two hours.", { space: "ranked" });
    const ask = async (more: object) =>
      server.send("POST", "/v1/recall", { query: "how long until the ferry leaves?", space: "ranked", ...more });
    expect((await ask({})).json).toMatchObject({ rerank: "heuristic", results: [{ neighbours: [] }] });
    expect((await ask({ rerank: "none" })).json).toMatchObject({ rerank: "none" });
    expect((await server.send("PATCH", "/v1/spaces/ranked", { rerank: null })).json).toMatchObject({ rerank: null });
    expect((await ask({})).json).toMatchObject({ rerank: "none" });
    expect(await ask({ rerank: "cross-encoder" })).toMatchObject({
      status: 503,
      json: { code: "reranker.unavailable", hint: expect.stringContaining("CAIRN_RERANKER") },
    });
    expect((await ask({ rerank: "magic" })).status).toBe(422);
  });

  test("the caller's own metadata keeps its names", async () => {
    await using server = await setup();
    const metadata = { camelCase: 1, snake_case: { "a.b": [null, true] }, __proto__x: 2 };
    const id = await server.remember("Has metadata.", { metadata });
    expect((await server.send("GET", `/v1/memories/${id}`)).json.metadata).toEqual(metadata);
  });
});

describe("spaces", () => {
  test("API-3: made, found by id or name, renamed, kept apart, deleted", async () => {
    await using server = await setup();
    const made = await server.send("POST", "/v1/spaces", { name: "Project X" });
    expect(made).toMatchObject({ status: 201, json: { name: "Project X", id: expect.any(String) } });
    const { id } = made.json;
    await server.remember("Only in X.", { space: "Project X" });
    expect((await server.send("GET", "/v1/stats?space=Project%20X")).json.total_memories).toBe(1);
    expect((await server.send("GET", "/v1/stats")).json.total_memories).toBe(0);
    expect((await server.send("GET", "/v1/spaces/Project%20X")).json.id).toBe(id);
    expect((await server.send("PATCH", `/v1/spaces/${id}`, { name: "Project Y" })).json.name).toBe("Project Y");
    expect((await server.send("GET", "/v1/spaces")).json.spaces.map((space: { name: string }) => space.name)).toContain(
      "Project Y",
    );
    expect(await server.send("POST", "/v1/spaces", { name: "project y" })).toMatchObject({
      status: 409,
      json: { code: "space.name_taken" },
    });
    expect((await server.send("DELETE", `/v1/spaces/${id}`)).status).toBe(200);
    expect(await server.send("GET", `/v1/spaces/${id}`)).toMatchObject({
      status: 404,
      json: { code: "space.not_found" },
    });
  });
});

describe("entities, sessions and changes", () => {
  test("API-3 MEM-8: entities are searched, explored, and recalled", async () => {
    await using server = await setup();
    await server.remember("The auth service talks to PostgreSQL.", { entity: "auth-service" });
    expect((await server.send("GET", "/v1/entities?q=auth")).json.entities[0]).toMatchObject({ name: "auth-service" });
    expect((await server.send("GET", "/v1/entities/auth-service?hops=2")).json).toMatchObject({
      entities: expect.any(Array),
      relationships: expect.any(Array),
    });
    expect((await server.send("GET", "/v1/entities/auth-service/memories")).json).toMatchObject({
      entity: "auth-service",
      count: 1,
    });
    expect(await server.send("GET", "/v1/entities/nobody")).toMatchObject({
      status: 404,
      json: { code: "entity.not_found" },
    });
  });

  test("API-3 MEM-9: a session's messages are read in order", async () => {
    await using server = await setup();
    const messages = [
      { role: "user", content: "one", timestamp: "2024-01-01T12:00:00Z" },
      { role: "user", content: "two", timestamp: "2024-01-01T12:00:01Z" },
    ];
    await server.send("POST", "/v1/sessions/ingest", { session_id: "s/1", messages });
    const { json } = await server.send("GET", "/v1/sessions/s%2F1/messages?limit=1");
    expect(json).toMatchObject({ session_id: "s/1", messages: [{ content: "one" }], cursor: expect.any(String) });
    expect((await server.send("GET", "/v1/sessions/none/messages")).status).toBe(404);
  });

  test("API-3: changes are followed by a cursor", async () => {
    await using server = await setup();
    await server.remember("A change.");
    const { json } = await server.send("GET", "/v1/changes");
    expect(json).toMatchObject({
      changes: [{ kind: "create", fields: expect.arrayContaining(["content"]) }],
      has_more: false,
    });
    expect((await server.send("GET", `/v1/changes?cursor=${json.cursor}`)).json.changes).toEqual([]);
  });
});

describe("writes that are sent twice", () => {
  test("API-3: the same Idempotency-Key writes once and answers alike", async () => {
    await using server = await setup();
    const send = () =>
      server.send("POST", "/v1/remember", { content: "Only once.", skip_dedup: true }, { "Idempotency-Key": "k-1" });
    const [first, second] = [await send(), await send()];
    expect(second.json).toEqual(first.json);
    expect([first.headers.get("idempotency-replayed"), second.headers.get("idempotency-replayed")]).toEqual([
      null,
      "true",
    ]);
    expect((await server.send("GET", "/v1/stats")).json.total_memories).toBe(1);
  });

  test("API-3: the same key with another request is a conflict", async () => {
    await using server = await setup();
    const send = (content: string) => server.send("POST", "/v1/remember", { content }, { "Idempotency-Key": "k-2" });
    await send("One thing.");
    expect(await send("Another thing.")).toMatchObject({ status: 409, json: { code: "request.idempotency_conflict" } });
  });

  test("a key that is none is invalid", async () => {
    await using server = await setup();
    const answer = await server.send("POST", "/v1/spaces", { name: "x" }, { "Idempotency-Key": "x".repeat(256) });
    expect(answer).toMatchObject({ status: 422, json: { code: "request.invalid" } });
  });
});

test("API-10: a call through HTTP is recorded under its operation, with who made it and never what it said", async () => {
  await using server = await setup();
  await server.remember("Something private.");
  expect(server.records).toMatchObject([
    {
      operation: "memories.remember",
      audit: "write",
      outcome: "ok",
      caller: { identity: { principal: "local" }, edge: "rest" },
    },
  ]);
  expect(JSON.stringify(server.records)).not.toContain("private");
});
