import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { describe, expect, test } from "vitest";
import { migrate, migrations, versionOf } from "./migrations.ts";
import { openReadOnly } from "./sqlite-file.ts";

const setUp = async (steps: number) => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-directory-file-"));
  const file = join(folder, "directory.db");
  const database = new Database(file);
  database.pragma("journal_mode = wal");
  migrate(database, migrations.slice(0, steps));
  return {
    file,
    /** Still open, so that what it wrote is in the write-ahead log only. */
    database,
    [Symbol.asyncDispose]: async () => {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const names = (database: Database.Database): unknown =>
  database.prepare("select name, epoch from spaces order by name").all();

describe("the directory's file where nothing can be written", () => {
  test("shows what others write", async () => {
    await using setup = await setUp(migrations.length);
    const reader = openReadOnly(setup.file);
    setup.database
      .prepare("insert into spaces (id, name, name_key, created_at, updated_at) values ('1', 'a', 'a', 0, 0)")
      .run();
    expect(names(reader)).toEqual([
      { name: "a", epoch: 0 },
      { name: "default", epoch: 0 },
    ]);
    expect(() => reader.exec("delete from spaces")).toThrow(/readonly/u);
    reader.close();
  });

  test("is read as if it were of this version when it is of an earlier one, and stays as it is", async () => {
    await using setup = await setUp(1);
    setup.database.prepare("insert into spaces values ('1', 'a', 'a', null, 0, 0)").run();
    const reader = openReadOnly(setup.file);
    expect(names(reader)).toEqual([
      { name: "a", epoch: 0 },
      { name: "default", epoch: 0 },
    ]);
    expect(() => reader.exec("delete from spaces")).toThrow(/readonly/u);
    reader.close();
    expect(versionOf(setup.database)).toBe(1);
    expect(existsSync(`${setup.file}.v1.bak`)).toBe(false);
  });
});
