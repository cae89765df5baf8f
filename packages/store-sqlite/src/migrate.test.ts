import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { checkFormat, migrate, type Migration, migrations } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import { makeSpaceFiles } from "@cairn/testing/sqlite/space-files";
import { alice, itemOf } from "@cairn/testing/engine/world";

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

describe("migrate", () => {
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
