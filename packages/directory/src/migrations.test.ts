import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { describe, expect, test } from "vitest";
import { migrate, migrations } from "./migrations.ts";

const setUp = async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-migrations-"));
  const file = join(folder, "directory.db");
  const database = new Database(file);
  return {
    file,
    database,
    [Symbol.asyncDispose]: async () => {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const addColumn = (database: Database.Database): void =>
  void database.exec("alter table spaces add column region text");

describe("migrations of the directory", () => {
  test("bring a new file to the latest version, once", async () => {
    await using setup = await setUp();
    migrate(setup.database);
    migrate(setup.database);
    expect(setup.database.pragma("user_version", { simple: true })).toBe(migrations.length);
    expect(setup.database.prepare("select count(*) from spaces").pluck().get()).toBe(1);
  });

  test("take only the steps that are missing and keep a copy of the file before", async () => {
    await using setup = await setUp();
    migrate(setup.database);
    migrate(setup.database, [...migrations, addColumn]);
    expect(setup.database.pragma("user_version", { simple: true })).toBe(migrations.length + 1);
    const copy = `${setup.file}.v${migrations.length}.bak`;
    expect(existsSync(copy)).toBe(true);
    const before = new Database(copy, { readonly: true });
    expect(before.prepare("select count(*) from spaces").pluck().get()).toBe(1);
    expect(() => before.prepare("select region from spaces")).toThrow("region");
    before.close();
  });

  test("REC-4 give a file of the first version a place for each space's own reranking, and lose nothing", async () => {
    await using setup = await setUp();
    migrate(setup.database, migrations.slice(0, 1));
    const before = setup.database.prepare("select * from spaces").get() as object;
    expect(before).not.toHaveProperty("rerank");
    migrate(setup.database);
    expect(setup.database.prepare("select * from spaces").get()).toEqual({ ...before, rerank: null });
    expect(existsSync(`${setup.file}.v1.bak`)).toBe(true);
  });

  test("that fail change nothing", async () => {
    await using setup = await setUp();
    migrate(setup.database);
    const failing = (database: Database.Database): void => {
      addColumn(database);
      throw new Error("half way");
    };
    expect(() => migrate(setup.database, [...migrations, failing])).toThrow("half way");
    expect(setup.database.pragma("user_version", { simple: true })).toBe(migrations.length);
    expect(() => setup.database.prepare("select region from spaces")).toThrow("region");
  });

  test("refuse a file of a newer version", async () => {
    await using setup = await setUp();
    setup.database.pragma("user_version = 7");
    expect(() => migrate(setup.database)).toThrow("newer version");
  });
});
