import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll, beforeAll, expect, test } from "vitest";
import { now, openReadDatabase, type ReadDatabase } from "./stored-space.fixture.ts";
import { vectorsOfDocs } from "./vectors.ts";

const describe = await postgresOrSkip();

const floats = (...values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

describe("reading vectors, sessions and counts from PostgreSQL", () => {
  let database: ReadDatabase;
  beforeAll(async () => {
    database = await openReadDatabase(await makeDatabase());
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const twoModels = {
    model: "m",
    model_dimensions: 2,
    model_provider: "p",
    generation: 3,
    next_model: "n",
    next_dimensions: 2,
    next_provider: "p",
    next_generation: 4,
    texts: 4,
  };

  test("EMB-6 gives the vectors of the space's own model, chunks in order, null where there are none", async () => {
    const space = await database.makeSpace(twoModels);
    await space.insert("memories", [
      { row: 1, id: "m1", doc: 1 },
      { row: 2, id: "m2", doc: 2 },
      { row: 3, id: "m3", doc: 3, state: 2 },
    ]);
    await space.insert(
      "docs",
      [1, 2, 3].map((n) => ({ n, owner: n })),
    );
    await space.insert("f32", [
      { generation: 3, doc: 1, chunk: 1, bytes: floats(3, 4) },
      { generation: 3, doc: 1, chunk: 0, bytes: floats(1, 2) },
      { generation: 4, doc: 1, chunk: 0, bytes: floats(9, 9) },
      { generation: 4, doc: 2, chunk: 0, bytes: floats(9, 9) },
      { generation: 3, doc: 3, chunk: 0, bytes: floats(5, 6) },
    ]);
    const first = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
    expect(await space.ask("vectors", ["m2", "m1", "m3", "m9", "m1"])).toEqual([null, first, null, null, first]);
    const byDoc = await space.look((connection) => vectorsOfDocs(connection, space.id, 3, [1, 2, 3]));
    expect([...byDoc]).toEqual([
      [1, first],
      [3, [Float32Array.of(5, 6)]],
    ]);
  });

  test("EMB-6 names texts without vectors, current ones first and old ones as they were, and counts them", async () => {
    const space = await database.makeSpace(twoModels);
    await space.insert("memories", [
      { row: 1, id: "m1", doc: 2, version: 2, content: "Now", author: "Ann", occurred_at: 7 },
    ]);
    await space.insert("session_chunks", [{ row: 2, id: "c", session: "s", chunk: 0, content: "user: hello" }]);
    await space.insert("docs", [
      { n: 1, owner: 1, version: 1, to_at: 5 },
      { n: 2, owner: 1, version: 2 },
      { n: 3, owner: 2, kind: 2 },
      { n: 4, owner: 77 },
    ]);
    await space.insert("changes", [
      { seq: 1, counter: 1, subject: "m1", fields: '{"content":"Before","author":"Bob"}' },
      { seq: 2, counter: 2, subject: "m1", version: 2, kind: "update", fields: '{"content":"Now"}' },
    ]);
    await space.insert("awaiting_vectors", [
      { generation: 3, rank: 2, doc: 1 },
      { generation: 3, rank: 0, doc: 2 },
      { generation: 3, rank: 1, doc: 3 },
      { generation: 3, rank: 2, doc: 4 },
      { generation: 4, rank: 0, doc: 2 },
    ]);
    const current = { document: 2, passage: { content: "Now", author: "Ann", occurredAt: 7 } };
    expect(await space.ask("missingVectors", 9)).toEqual([
      current,
      { document: 3, passage: { content: "user: hello", author: null, occurredAt: null } },
      { document: 1, passage: { content: "Before", author: "Bob", occurredAt: null } },
      // What damage took away says nothing, and is not asked for for ever.
      { document: 4, passage: { content: "", author: null, occurredAt: null } },
    ]);
    expect(await space.ask("missingVectors", 1, "m")).toEqual([current]);
    expect(await space.ask("missingVectors", 9, "n")).toEqual([current]);
    expect(await space.ask("missingVectors", 9, "other")).toEqual([]);
    expect(await space.ask("vectorState")).toEqual({
      model: { id: "m", dimensions: 2, provider: "p" },
      documents: 4,
      missing: 4,
      next: { model: { id: "n", dimensions: 2, provider: "p" }, missing: 1 },
    });
  });

  test("MEM-10 tells which sessions are quiet and not read to their end, those that never failed first", async () => {
    const space = await database.makeSpace();
    const sessions = ["failed", "fresh", "loud", "read", "waits"];
    await space.insert(
      "session_messages",
      sessions.flatMap((session) =>
        [0, 1].map((position) => ({ session, position, content: `${session} ${position}` })),
      ),
    );
    await space.insert("extractions", [
      { session: "failed", position: 1, attempts: 2 },
      { session: "read", position: 2 },
      { session: "waits", position: 0, next_at: now + 1 },
    ]);
    await space.insert("changes", [{ seq: 1, counter: 1, kind: "session", subject: "loud", at: now }]);
    const due = (quietSince: number, limit = 9) => space.ask("extractionsDue", { now, quietSince, limit });
    expect(await due(now - 1)).toEqual([
      { sessionId: "fresh", from: 0, count: 2, attempts: 0 },
      { sessionId: "failed", from: 1, count: 2, attempts: 2 },
    ]);
    expect((await due(now, 2)).map(({ sessionId }) => sessionId)).toEqual(["fresh", "loud"]);
    expect(await space.ask("sessionMessages", "fresh", 1, 9)).toEqual([
      { role: "user", content: "fresh 1", at: 0, timed: true },
    ]);
  });

  test("MEM-9 plans only the chunks that new messages change", async () => {
    const space = await database.makeSpace();
    await space.insert("session_messages", [{ session: "s", position: 0, content: "hello" }]);
    await space.insert("session_chunks", [{ row: 1, id: "c", session: "s", chunk: 0, content: "user: hello" }]);
    const said = (content: string) => ({ role: "user", content, at: 0, timed: true });
    const plan = (...messages: readonly ReturnType<typeof said>[]) =>
      space.ask("planSession", { sessionId: "s", instanceId: "laptop", messages });
    expect(await plan(said("hello"))).toEqual([]);
    expect(await plan(said("hello"), said("again"))).toEqual(["user: hello\nuser: again"]);
  });

  test("MEM-1 counts what is live, by what it is, and estimates what all of it takes", async () => {
    const rows = 1_200;
    const space = await database.makeSpace({ seq: rows, last_row: rows, last_doc: rows });
    await database.run(`
      INSERT INTO memories (space, row, id, state, doc, version, identity, near, content, tags, source_instance,
        source_type, trust, confidence, created_at, created_by, updated_at, updated_by, category, supersedes, quarantine)
      SELECT '${space.id}', n, 'm' || n, CASE WHEN n > 1000 THEN 2 ELSE 0 END, n, 1, '', '', repeat('x', n), '{}',
        CASE WHEN n % 4 = 0 THEN 'phone' ELSE 'laptop' END, 'user_explicit', 'agent', 1, n, 'alice', n, 'alice',
        CASE WHEN n % 2 = 0 THEN 'fact' END, CASE WHEN n = 7 THEN 'm1' END, CASE WHEN n < 4 THEN 'override' END
      FROM generate_series(1, ${rows}) AS n;
      INSERT INTO memory_tags SELECT '${space.id}', CASE WHEN n % 3 = 0 THEN 'a' ELSE 'b' END, n
      FROM generate_series(1, ${rows}) AS n`);
    await space.insert("session_messages", [{ session: "s", position: 0, content: "x" }]);
    await space.insert("entities", [{ id: 1, norm: "ann", name: "Ann" }]);
    const { bytes, ...counts } = await space.ask("stats");
    expect(counts).toEqual({
      memories: 1000,
      bySourceType: { user_explicit: 1000 },
      byTag: { b: 667, a: 333 },
      byInstance: { laptop: 750, phone: 250 },
      byCategory: { fact: 500 },
      corrections: 1,
      quarantined: 3,
      sessions: 1,
      sessionChunks: 0,
      entities: 1,
      changes: 0,
    });
    const [exact] = await space.look((connection) =>
      connection.query<{ readonly bytes: number }>("SELECT sum(pg_column_size(m.*)) AS bytes FROM memories m"),
    );
    // Every other row was looked at.
    expect(bytes / exact!.bytes).toBeCloseTo(1, 1);
  });
});
