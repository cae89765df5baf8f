import { mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { checkFormat, migrate, type Migration, migrations } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import { makeSpaceFiles } from "@cairn/testing/sqlite/space-files";
import { alice, embed, engineEmbedder, itemOf, memoryOf } from "@cairn/testing/engine/world";

const one: Migration = { name: "one", sql: "CREATE TABLE notes (text TEXT) STRICT" };
const two: Migration = {
  name: "two",
  sql: "ALTER TABLE notes ADD COLUMN author TEXT; UPDATE notes SET author = 'nobody'",
};
const broken: Migration = { name: "broken", sql: "CREATE TABLE half (x); INSERT INTO missing VALUES (1)" };

const makeFile = () => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-migrate-"));
  const file = join(folder, "space.db");
  return {
    file,
    copies: () =>
      readdirSync(folder)
        .filter((name) => name.includes(".before-"))
        .map((name) => join(folder, name)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const notesOf = (file: string): readonly unknown[] => {
  const database = openDatabase(file);
  try {
    return database.prepare("SELECT * FROM notes").all();
  } finally {
    database.close();
  }
};

/** A file of the first format with one note in it. */
const makeOldFile = (file: string): void => {
  const database = openDatabase(file);
  migrate(database, file, [one]);
  database.exec("INSERT INTO notes VALUES ('kept')");
  database.close();
};

/** The content of a space's file in a file of the first format. */
const toFirstFormat = (file: string): void => {
  const first = `${file}.first`;
  const database = openDatabase(first);
  migrate(database, first, migrations.slice(0, 1));
  database.prepare("ATTACH ? AS newer").run(file);
  const tables = database
    .prepare("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .pluck()
    .all() as string[];
  for (const table of tables) {
    const columns = (database.pragma(`main.table_info(${table})`) as { name: string }[]).map(({ name }) => name).join();
    database.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM newer.${table}`);
  }
  database.exec("DELETE FROM meta WHERE key IN ('embedding_dimensions', 'embedding_provider')");
  database.close();
  for (const end of ["-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
  renameSync(first, file);
};

describe("migrate", () => {
  test("ENG-1 EMB-6 takes a space of the first format as it is: its model, its vectors, and what lacks them", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    const writer = engine.write(files.space, alice);
    await writer.remember([await itemOf("The otter swims upstream")], true);
    const [late] = await writer.remember([await itemOf("Late bloomer", { vectors: [] })], true);
    await writer.update({ id: memoryOf(late).id, fields: { content: "Late flower" }, vectors: [] });
    await engine.close();
    toFirstFormat(files.file);
    const other = { id: "another@1", dimensions: 8, provider: "testing" };
    const reopened = files.open({ model: other });
    const reader = reopened.read(files.space);
    const model = { ...engineEmbedder.model, provider: "builtin" };
    expect(await reader.vectorState()).toEqual({ model, documents: 3, missing: 2, next: null });
    const missing = await reader.missingVectors(5);
    expect(missing.map(({ passage }) => passage.content)).toEqual(["Late flower", "Late bloomer"]);
    const items = await Promise.all(
      missing.map(async ({ document, passage }) => ({ document, vectors: await embed(passage.content) })),
    );
    expect(await reopened.write(files.space, alice).setVectors(model.id, items)).toBe(2);
    expect(await reopened.check(files.space)).toEqual([]);
    for (const content of ["The otter swims upstream", "Late flower"]) {
      const [vector] = await embed(content);
      const asked = { vector: vector!, vectorModel: model.id, limit: 1, minRelevance: 0.2, now: Date.now() };
      const { hits } = await reader.recall({ query: "unheard", include: "memories", ...asked });
      expect(hits).toMatchObject([{ memory: { content } }]);
    }
  });

  test("ENG-1 brings an old file to the new format and keeps a copy of it as it was", () => {
    using made = makeFile();
    makeOldFile(made.file);
    expect(made.copies()).toEqual([]);
    const database = openDatabase(made.file);
    migrate(database, made.file, [one, two]);
    migrate(database, made.file, [one, two]);
    database.close();
    expect(notesOf(made.file)).toEqual([{ text: "kept", author: "nobody" }]);
    expect(made.copies()).toHaveLength(1);
    expect(notesOf(made.copies()[0]!)).toEqual([{ text: "kept" }]);
  });

  test("ENG-1 refuses a file of a newer format, for reading too, and leaves it as it is", () => {
    using made = makeFile();
    makeOldFile(made.file);
    const database = openDatabase(made.file);
    migrate(database, made.file, [one, two]);
    expect(() => migrate(database, made.file, [one])).toThrow(expect.objectContaining({ code: "storage.newer" }));
    expect(() => checkFormat(database, [one])).toThrow(expect.objectContaining({ code: "storage.newer" }));
    expect(() => checkFormat(database, [one, two, broken])).toThrow(
      expect.objectContaining({ code: "storage.read_only" }),
    );
    database.close();
    expect(notesOf(made.file)).toHaveLength(1);
  });

  test("ENG-1 leaves nothing of a step that fails", () => {
    using made = makeFile();
    makeOldFile(made.file);
    const database = openDatabase(made.file);
    expect(() => migrate(database, made.file, [one, two, broken])).toThrow(/missing/);
    expect(database.pragma("user_version", { simple: true })).toBe(1);
    expect(database.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'half'").pluck().get()).toBe(0);
    migrate(database, made.file, [one, two]);
    database.close();
    expect(notesOf(made.file)).toEqual([{ text: "kept", author: "nobody" }]);
  });

  test("ENG-1 migrates once, with one copy, when several open a file at the same moment", async () => {
    using made = makeFile();
    makeOldFile(made.file);
    const program = `
      const { workerData, parentPort } = require("node:worker_threads");
      Promise.all([import(workerData.migrate), import(workerData.open)]).then(async ([{ migrate }, { openDatabase }]) => {
        for (let attempt = 0; ; attempt++) {
          let database;
          try {
            database = openDatabase(workerData.file);
            migrate(database, workerData.file, workerData.steps);
            return parentPort.postMessage("done");
          } catch (error) {
            if (attempt > 500 || !/BUSY|busy/.test(error.code)) return parentPort.postMessage(String(error.code));
            await new Promise((resolve) => setTimeout(resolve, 5));
          } finally {
            database?.close();
          }
        }
      });`;
    const urls = {
      migrate: new URL("./migrate.ts", import.meta.url).href,
      open: new URL("./open-database.ts", import.meta.url).href,
    };
    const workerData = { ...urls, file: made.file, steps: [one, two] };
    const workers = [1, 2, 3].map(() => new Worker(program, { eval: true, workerData }));
    const said = await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once("message", resolve))));
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(said).toEqual(["done", "done", "done"]);
    expect(notesOf(made.file)).toEqual([{ text: "kept", author: "nobody" }]);
    expect(made.copies()).toHaveLength(1);
  });

  test("ENG-1 an engine refuses a newer space and says what to do", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    await engine.write(files.space, alice).remember([await itemOf("hello")], true);
    await engine.close();
    files.tamper(`PRAGMA user_version = ${migrations.length + 1}`);
    const reopened = files.open();
    await expect(reopened.read(files.space).stats()).rejects.toMatchObject({ code: "storage.newer" });
    await expect(reopened.write(files.space, alice).remember([await itemOf("more")], false)).rejects.toMatchObject({
      code: "storage.newer",
    });
    files.tamper(`PRAGMA user_version = ${migrations.length}`);
    expect(await reopened.write(files.space, alice).remember([await itemOf("more")], false)).toMatchObject([
      { status: "stored" },
    ]);
    expect(await reopened.read(files.space).stats()).toMatchObject({ memories: 2 });
  });
});
