import { newId } from "@cairn/kernel/id";
import type { Memory } from "@cairn/memory/memory/memory";
import type { Page } from "@cairn/memory/space/engine";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Connection } from "../connection/pool.ts";
import { memoriesOfDocs } from "./as-of.ts";
import { memoriesByRows } from "./memories.ts";
import { type ReadName, reads } from "./reads.ts";
import { stateOf } from "./space-state.ts";
import { now, openReadDatabase, type ReadDatabase, type StoredSpace } from "./stored-space.fixture.ts";

const describe = await postgresOrSkip();

describe("reading memories from PostgreSQL", () => {
  let database: ReadDatabase;
  beforeAll(async () => {
    database = await openReadDatabase(await makeDatabase());
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const memory = (row: number, more: object = {}) => ({ row, id: `m${row}`, doc: row, created_at: row, ...more });
  const idsOf = async (space: StoredSpace, query: object): Promise<readonly string[]> =>
    (await space.ask("list", { limit: 50, ...query })).items.map(({ id }) => id);

  test("MEM-1 gives a memory by id unless it is deleted or over, with every field as it was stored", async () => {
    const space = await database.makeSpace();
    const text = 'zero \0, mark \u{10FFFE}0, "quotes", {braces}';
    const fields = { content: text, tags: [text, "NULL", ""], metadata: '{"a":[1,null]}', session_seq: 2.5 };
    await space.insert("memories", [
      memory(1, { ...fields, quarantine: "override", quarantined_at: 7, valid_from: -5, confidence: 0.1 + 0.2 }),
      memory(2, { state: 1, superseded_by: "m1" }),
      memory(3, { state: 2 }),
      memory(4, { expires_at: now }),
    ]);
    expect(await space.ask("get", "m1")).toMatchObject({
      space: space.id,
      content: text,
      tags: [text, "NULL", ""],
      metadata: { a: [1, null] },
      sessionSeq: 2.5,
      validFrom: -5,
      confidence: 0.1 + 0.2,
      quarantined: { reason: "override", since: 7 },
    });
    expect(await space.ask("get", "m2")).toMatchObject({ supersededBy: "m1", metadata: null, quarantined: null });
    for (const id of ["m3", "m4", "m5"]) expect(await space.ask("get", id)).toBeNull();
  });

  test("MEM-1 pages through a list in both orders, ties by row, each memory once", async () => {
    const space = await database.makeSpace();
    await space.insert(
      "memories",
      Array.from({ length: 9 }, (_, at) => memory(at + 1, { created_at: Math.floor(at / 4) })),
    );
    for (const order of ["newest", "oldest"] as const) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<Memory> = await space.ask("list", { limit: 4, order, ...(cursor !== null && { cursor }) });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== null);
      const expected = Array.from({ length: 9 }, (_, at) => `m${at + 1}`);
      expect(seen).toEqual(order === "oldest" ? expected : expected.toReversed());
    }
    await expect(space.ask("list", { limit: 4, cursor: "x" })).rejects.toMatchObject({ code: "request.invalid" });
  });

  test("MEM-1 lists by each filter alone and by all together", async () => {
    const space = await database.makeSpace();
    const all = {
      key: "k",
      category: "fact",
      session_id: "s",
      source_instance: "phone",
      author: "ＡＬＩＣＥ",
      author_key: "alice",
      trust: "person",
      occurred_at: 500,
      quarantine: "override",
      quarantined_at: 1,
    };
    await space.insert("memories", [memory(1), memory(2, all), memory(3, { state: 2, category: "fact" })]);
    await space.insert("memory_tags", [
      { memory: 1, tag: "a" },
      { memory: 2, tag: "a" },
      { memory: 2, tag: "b" },
    ]);
    await space.insert("entities", [{ id: 1, norm: "berlin", name: "Berlin" }]);
    await space.insert("mentions", [{ entity: 1, memory: 2 }]);
    const filters = {
      key: "k",
      category: "fact",
      sessionId: "s",
      sourceInstance: "phone",
      author: "Alice",
      minTrust: "person",
      after: 500,
      entity: "BERLIN",
      tags: ["b"],
      quarantined: true,
    } as const;
    for (const [name, value] of Object.entries(filters))
      expect(await idsOf(space, { [name]: value }), name).toEqual(["m2"]);
    expect(await idsOf(space, filters)).toEqual(["m2"]);
    expect(await idsOf(space, { ...filters, before: 500 })).toEqual([]);
    expect(await idsOf(space, { before: 500, quarantined: false })).toEqual(["m1"]);
    expect(await idsOf(space, { tags: ["a", "b"], tagsMode: "all" })).toEqual(["m2"]);
    expect(await idsOf(space, { tags: ["a", "b", "a"] })).toEqual(["m2", "m1"]);
  });

  test("MEM-3 reads the log, and folds it into versions", async () => {
    const space = await database.makeSpace();
    const change = (seq: number, more: object) => ({ seq, counter: seq, subject: "m1", at: seq, ...more });
    await space.insert("changes", [
      change(1, { fields: '{"content":"One","tags":["t"]}', overwrites: "{}" }),
      change(2, { subject: "m2", fields: '{"content":"Other"}' }),
      change(3, {
        kind: "update",
        version: 2,
        fields: '{"content":"Two"}',
        overwrites: '{"content":[{"replica":"r","counter":1}]}',
      }),
      change(4, { subject: "m3", kind: "purge" }),
    ]);
    expect(await space.ask("changes", 2, 1)).toEqual([
      {
        seq: 3,
        dot: { replica: "r", counter: 3 },
        clock: "c",
        at: 3,
        kind: "update",
        subject: "m1",
        version: 2,
        principal: "alice",
        agent: "laptop",
        fields: { content: { value: "Two", overwrites: [{ replica: "r", counter: 1 }] } },
      },
    ]);
    expect(await space.ask("changes", 3, 5)).toMatchObject([{ kind: "purge", fields: {} }]);
    const versions = await space.ask("history", "m1");
    expect(versions.map(({ version, diff, memory: { content, tags } }) => ({ version, diff, content, tags }))).toEqual([
      {
        version: 1,
        content: "One",
        tags: ["t"],
        diff: { content: { from: "", to: "One" }, tags: { from: [], to: ["t"] } },
      },
      { version: 2, content: "Two", tags: ["t"], diff: { content: { from: "One", to: "Two" } } },
    ]);
    expect(await space.ask("history", "m3")).toEqual([]);
  });

  test("REC-3 shows memories as documents have them: current ones, earlier ones, and those that the log has lost", async () => {
    const space = await database.makeSpace();
    await space.insert("memories", [
      memory(1, { content: "Now", version: 2, doc: 2 }),
      memory(2, { content: "Kept", version: 2, doc: 4, quarantine: "override", quarantined_at: 1 }),
    ]);
    await space.insert("docs", [
      { n: 1, owner: 1, version: 1 },
      { n: 2, owner: 1, version: 2 },
      { n: 3, owner: 2, version: 1 },
    ]);
    await space.insert("changes", [
      { seq: 1, counter: 1, subject: "m1", fields: '{"content":"Before"}' },
      { seq: 2, counter: 2, subject: "m1", version: 2, kind: "update", fields: '{"content":"Now"}' },
    ]);
    const shown = await space.look((connection) => memoriesOfDocs(connection, space.id, [1, 2, 3, 9]));
    const told = [...shown].map(([doc, one]) => [doc, one.memory.content, one.heldBack]);
    expect(told.toSorted(([one], [other]) => Number(one) - Number(other))).toEqual([
      [1, "Before", false],
      [2, "Now", false],
      [3, "Kept", true],
    ]);
    const rows = await space.look((connection) => memoriesByRows(connection, space.id, [2, 3]));
    expect([...rows].map(([row, { content }]) => [row, content])).toEqual([[2, "Kept"]]);
  });

  test("ENG-2 reads a space without rows as an empty one", async () => {
    const ask = (name: ReadName, ...args: readonly unknown[]): Promise<unknown> => {
      const space = newId();
      const read = reads[name] as (...given: readonly unknown[]) => Promise<unknown>;
      return database.pool.transaction({ space, readOnly: true }, (connection) =>
        read(connection, space, now, ...args),
      );
    };
    expect(await ask("get", "m1")).toBeNull();
    expect(await ask("list", { limit: 5 })).toEqual({ items: [], cursor: null });
    expect(await ask("disputes", "m1", now)).toEqual({ conflicts: [], stale: false });
    expect(await ask("vectors", ["m1"])).toEqual([null]);
    expect(await ask("vectorState")).toEqual({ model: null, documents: 0, missing: 0, next: null });
    expect(await ask("entityGraph", "Berlin", 2)).toBeNull();
    expect(await ask("stats")).toEqual({
      memories: 0,
      bySourceType: {},
      byTag: {},
      byInstance: {},
      byCategory: {},
      corrections: 0,
      quarantined: 0,
      sessions: 0,
      sessionChunks: 0,
      entities: 0,
      changes: 0,
      bytes: 0,
    });
    const lists: readonly (readonly [ReadName, ...unknown[]])[] = [
      ["history", "m1"],
      ["changes", 0, 5],
      ["entities", "", 5],
      ["entityMemories", "Berlin", 2, 5],
      ["missingVectors", 5],
      ["missingVectors", 5, "m"],
      ["extractionsDue", { now, quietSince: now, limit: 5 }],
      ["sessionMessages", "s", 0, 5],
    ];
    for (const [name, ...args] of lists) expect(await ask(name, ...args), name).toEqual([]);
    const space = newId();
    const state = await database.pool.transaction({ space }, (connection) => stateOf(connection, space));
    expect(state).toMatchObject({ seq: 0, texts: 0, own: null, next: null });
  });

  test("ENG-2 shows nothing of another space, whichever of the two the statement or the transaction names", async () => {
    const [mine, theirs] = [await database.makeSpace(), await database.makeSpace()];
    await theirs.insert("memories", [memory(1)]);
    const through = (bound: string, named: string) =>
      database.pool.transaction({ space: bound, readOnly: true }, (connection: Connection) =>
        reads.get(connection, named, now, "m1"),
      );
    expect(await through(theirs.id, theirs.id)).toMatchObject({ id: "m1" });
    expect(await through(mine.id, theirs.id)).toBeNull();
    expect(await through(theirs.id, mine.id)).toBeNull();
  });

  test("ENG-2 tells where a space stands", async () => {
    const models = { model: "m", model_dimensions: 4, model_provider: "p", generation: 3, next_model: "n" };
    const numbers = { seq: 9, last_row: 8, last_doc: 7, texts: 6, counter: 5, clock: "c", last_generation: 4 };
    const space = await database.makeSpace({ ...models, ...numbers, next_dimensions: 2, next_generation: 4 });
    expect(await space.look((connection) => stateOf(connection, space.id))).toEqual({
      seq: 9,
      lastRow: 8,
      lastDoc: 7,
      lastEntity: 0,
      lastName: 0,
      lastLate: 0,
      texts: 6,
      replica: "r",
      counter: 5,
      clock: "c",
      analyzer: "1",
      own: { generation: 3, model: { id: "m", dimensions: 4, provider: "p" } },
      next: { generation: 4, model: { id: "n", dimensions: 2, provider: "" } },
      epoch: 3,
      lastGeneration: 4,
      part: 0,
    });
  });
});
