import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { alice, along, embed, engineEmbedder, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { makeSpaceFiles, type SpaceFiles } from "@cairn/testing/sqlite/space-files";
import { describe, expect, test } from "vitest";
import { openDatabase } from "./open-database.ts";

const own = engineEmbedder.model;
const other = { id: "other@1", dimensions: 64, provider: "testing" };
const tables = ["q8", "v", "next_q8", "next_v", "old_q8", "old_v", "awaiting_vectors", "wordless"] as const;

const countsOf = ({ file }: SpaceFiles): Readonly<Record<string, number>> => {
  const database = openDatabase(file);
  try {
    return Object.fromEntries(
      tables.map((table) => [table, Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())]),
    );
  } finally {
    database.close();
  }
};

const store = async (engine: Engine, space: string, content: string): Promise<string> =>
  memoryOf((await engine.write(space, alice).remember([await itemOf(content)], false))[0]).id;

/** To the other model every text means its place in the queue. */
const changeOver = async (engine: Engine, space: string): Promise<void> => {
  const writer = engine.write(space, alice);
  await writer.prepareModel(other);
  const missing = await engine.read(space).missingVectors(60, other.id);
  const items = missing.map(({ document }, at) => ({ document, vectors: [along(at)] }));
  expect(await writer.setVectors(other.id, items)).toBe(items.length);
  expect(await writer.switchModel(other.id)).toBe(true);
};

const near = async (engine: Engine, space: string, vector: Float32Array, vectorModel: string) => {
  const asked = { query: "unheard", vector, vectorModel, limit: 1, minRelevance: 0.2, now: Date.now() };
  const { hits } = await engine.read(space).recall({ ...asked, include: "memories" });
  return hits.map((hit) => (hit.type === "memory" ? hit.memory.content : ""));
};

/** Some time in which other work of the space is done; each turn lets one piece of what is queued go before. */
const until = async (engine: Engine, space: string, reached: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 100 && !reached(); turn++) await engine.create(space);
};

describe("change of model", () => {
  test("EMB-6 what the earlier model left is removed afterwards, other writes in between", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    for (let at = 0; at < 50; at++) await store(engine, files.space, `Number${at} of the old model`);
    await changeOver(engine, files.space);
    await store(engine, files.space, "Written while it is removed");
    await until(engine, files.space, () => countsOf(files)["old_v"] === 0);
    const nothing = { next_q8: 0, next_v: 0, old_q8: 0, old_v: 0, wordless: 0 };
    expect(countsOf(files)).toEqual({ ...nothing, q8: 50, v: 50, awaiting_vectors: 1 });
  });

  test("EMB-6 a sweep removes what a process left that died after the switch", async () => {
    await using files = makeSpaceFiles();
    const first = files.open();
    await store(first, files.space, "Kept");
    await first.close();
    files.tamper(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO old_v SELECT i, x'00' FROM n; INSERT INTO old_q8 SELECT id, 1, x'00' FROM old_v",
    );
    const engine = files.open();
    await engine.write(files.space, alice).sweep({ now: Date.now(), sessionsBefore: 0, purgeBefore: 0 });
    expect(countsOf(files)).toMatchObject({ q8: 1, v: 1, old_q8: 0, old_v: 0 });
  });

  test("MEM-3 EMB-6 a purge erases a text's vectors from every set, and what is noted of it", async () => {
    await using files = makeSpaceFiles();
    const first = files.open();
    const id = await store(first, files.space, "Gone for good");
    await first.write(files.space, alice).prepareModel(other);
    await first.close();
    files.tamper(
      "INSERT INTO next_v SELECT * FROM v; INSERT INTO next_q8 SELECT * FROM q8; INSERT INTO old_v SELECT * FROM v; INSERT INTO old_q8 SELECT * FROM q8; INSERT INTO wordless VALUES (0, 1), (1, 1)",
    );
    const engine = files.open();
    await engine.write(files.space, alice).forget(id, { purge: true });
    await engine.close();
    expect(countsOf(files)).toEqual(Object.fromEntries(tables.map((table) => [table, 0])));
  });

  test("EMB-6 EMB-4 other processes compare late vectors, and those of the new model after a switch", async () => {
    await using files = makeSpaceFiles();
    const [one, peer] = [files.open(), files.open({ threads: 1 })];
    await store(one, files.space, "An early one");
    await one.write(files.space, alice).remember([await itemOf("A late one", { vectors: [] })], false);
    expect(await near(peer, files.space, along(40), own.id)).toEqual([]);
    const [missing] = await one.read(files.space).missingVectors(5);
    await one.write(files.space, alice).setVectors(own.id, [{ document: missing!.document, vectors: [along(40)] }]);
    expect(await near(peer, files.space, along(40), own.id)).toEqual(["A late one"]);
    await changeOver(one, files.space);
    expect(await near(peer, files.space, along(40), own.id)).toEqual([]);
    expect(await near(peer, files.space, along(1), other.id)).toEqual(["A late one"]);
    await store(peer, files.space, "By one who goes by the old model still");
    expect(await one.read(files.space).vectorState()).toMatchObject({ model: other, documents: 3, missing: 1 });
  });

  test("EMB-6 a change to a third model waits for the room that what was set aside takes", async () => {
    await using files = makeSpaceFiles();
    const first = files.open();
    await store(first, files.space, "The only one");
    await changeOver(first, files.space);
    await first.write(files.space, alice).prepareModel(own);
    const [only] = await first.read(files.space).missingVectors(5, own.id);
    const vectors = await embed("The only one");
    await first.write(files.space, alice).setVectors(own.id, [{ document: only!.document, vectors }]);
    await first.close();
    files.tamper("INSERT OR IGNORE INTO old_v VALUES (1, x'00')");
    const engine = files.open();
    expect(await engine.write(files.space, alice).switchModel(own.id)).toBe(true);
    expect(await near(engine, files.space, vectors[0]!, own.id)).toEqual(["The only one"]);
    expect(await engine.check(files.space)).toEqual([]);
  });

  test("EMB-4 asking how many texts wait opens more spaces than are kept open, and pushes out none", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ openSpaces: 1 });
    const spaces = [files.space, newId(), newId()];
    for (const space of spaces) await store(engine, space, "One text");
    for (const space of spaces) {
      expect(await engine.read(space).vectorState()).toMatchObject({ model: own, documents: 1, missing: 0 });
      expect(await engine.read(space).missingVectors(5)).toEqual([]);
    }
    expect(await near(engine, spaces[2]!, (await embed("One text"))[0]!, own.id)).toEqual(["One text"]);
  });
});
