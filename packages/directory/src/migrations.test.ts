import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
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

  test("MEM-3 keep no answers in the copy, which would outlive what is purged", async () => {
    await using setup = await setUp();
    migrate(setup.database);
    setup.database
      .prepare("insert into kept_answers values ('k', 'p', 'b', null, 1, 's', ?, 0)")
      .run('"the hidden harbour"');
    migrate(setup.database, [...migrations, addColumn]);
    expect(setup.database.prepare("select count(*) from kept_answers").pluck().get()).toBe(1);
    const copy = await readFile(`${setup.file}.v${migrations.length}.bak`);
    expect(copy.includes("hidden harbour")).toBe(false);
  });

  test("leave the tables of released versions as they were released", async () => {
    await using setup = await setUp();
    const schema = (): unknown =>
      setup.database.prepare("select sql from sqlite_schema where name = 'spaces'").pluck().get();
    const said = (): string => String(schema()).replaceAll(/\s+/gu, " ");
    const released =
      "CREATE TABLE spaces ( id text not null primary key, name text not null, name_key text not null unique," +
      " description text, created_at integer not null, updated_at integer not null ";
    migrate(setup.database, migrations.slice(0, 1));
    expect(said()).toBe(`${released}) strict`);
    migrate(setup.database, migrations.slice(0, 2));
    expect(said()).toBe(`${released}, rerank text) strict`);
  });

  test("make the default space in the present", async () => {
    await using setup = await setUp();
    const before = Date.now();
    migrate(setup.database);
    const at = Number(setup.database.prepare("select created_at from spaces").pluck().get());
    // SQLite's day numbers are exact to a millisecond.
    expect(at).toBeGreaterThanOrEqual(before - 1);
    expect(at).toBeLessThanOrEqual(Date.now() + 1);
  });

  test("REC-4 ENG-8 give a file of an earlier version what spaces have got since, and lose nothing", async () => {
    await using setup = await setUp();
    migrate(setup.database, migrations.slice(0, 1));
    setup.database.prepare("insert into spaces values ('1', 'Old', 'old', 'Kept.', 1, 2)").run();
    const all = setup.database.prepare("select * from spaces order by id");
    const before = all.all() as object[];
    expect(before[1]).not.toHaveProperty("rerank");
    migrate(setup.database);
    const unmoved = { move_from: null, move_to: null, move_phase: null, move_started_at: null };
    const nobodys = { organisation: null, visibility: null, owner: null };
    const since = { rerank: null, cell: null, epoch: 0, ...unmoved, ...nobodys };
    const now = setup.database.prepare("select * from spaces order by id").all();
    expect(now).toEqual(before.map((row) => ({ ...row, ...since })));
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
    setup.database.pragma(`user_version = ${migrations.length + 1}`);
    expect(() => migrate(setup.database)).toThrow("newer version");
  });
});
