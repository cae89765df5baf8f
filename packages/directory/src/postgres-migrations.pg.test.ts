import { appRole, directoryRole } from "@cairn/store-postgres/connection/roles";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { directoryMigrations, migrateDirectory } from "./postgres-migrations.ts";
import { openPostgresSpaceDirectory } from "./postgres-space-directory.ts";
import { schemaSteps } from "./schema-steps.ts";
import { defaultSpaceId } from "./space-directory.ts";

const describe = await postgresOrSkip();

const names = schemaSteps.map(({ name }) => name);
const all = (database: TestDatabase) => database.run("select * from cairn_directory.spaces order by id");

describe("migrations of the directory on PostgreSQL", () => {
  test("take each step once, also when several servers start at once", async () => {
    await using database = await makeDatabase();
    const { url } = database;
    const taken = await Promise.all([migrateDirectory({ url }), migrateDirectory({ url }), migrateDirectory({ url })]);
    expect(taken.flat()).toEqual(names);
    expect(await migrateDirectory({ url })).toEqual([]);
    expect(await all(database)).toHaveLength(1);
  });

  test("ENG-8 REC-4 give a database of an earlier version what spaces have got since, and lose nothing", async () => {
    await using database = await makeDatabase();
    const { url } = database;
    await migrateDirectory({ url, steps: directoryMigrations.slice(0, 1) });
    await database.run("insert into cairn_directory.spaces values ('1', 'Old', 'old', 'Kept.', 1, 2)");
    const before = await all(database);
    expect(before).toHaveLength(2);
    expect(before[0]).toMatchObject({ id: defaultSpaceId, name: "default" });
    expect(before[0]).not.toHaveProperty("rerank");
    expect(await migrateDirectory({ url })).toEqual(names.slice(1));
    const unmoved = { move_from: null, move_to: null, move_phase: null, move_started_at: null };
    const nobodys = { organisation: null, visibility: null, owner: null };
    const since = { rerank: null, cell: null, epoch: "0", ...unmoved, ...nobodys };
    expect(await all(database)).toEqual(before.map((row) => ({ ...row, ...since })));
  });

  test("leave servers of the version before at work", async () => {
    await using database = await makeDatabase();
    const { url } = database;
    await migrateDirectory({ url });
    // On one connection, whose statements are prepared before the step.
    const directory = openPostgresSpaceDirectory({ url, most: 1 });
    const made = await directory.create({ name: "before", description: null });
    const work = async () => {
      expect(await directory.page({ limit: 5 })).toHaveLength(2);
      expect(await directory.update(made.id, { description: "x" })).toMatchObject({ name: "before" });
      await expect(directory.create({ name: "before", description: null })).rejects.toMatchObject({
        code: "space.name_taken",
      });
    };
    await work();
    const later = { name: "later", sql: "alter table spaces add column region text; create index on spaces (cell)" };
    expect(await migrateDirectory({ url, steps: [...directoryMigrations, later] })).toEqual(["later"]);
    await work();
    await directory.close();
  });

  test("refuse a database of a newer version", async () => {
    await using database = await makeDatabase();
    const { url } = database;
    await migrateDirectory({ url, steps: [...directoryMigrations, { name: "later", sql: "select 1" }] });
    await expect(migrateDirectory({ url })).rejects.toMatchObject({ code: "storage.newer" });
  });
});

describe("ENG-2 the roles of the directory and of the memory", () => {
  test("see nothing of each other's schemas", async () => {
    await using database = await makeDatabase();
    const { url } = database;
    await migrateMemory({ url });
    await migrateDirectory({ url });
    const as = (role: string, sql: string) => database.run(`begin; set local role ${role}; ${sql}`);
    const tables = (schema: string) =>
      database.run<{ name: string }>(`select tablename as name from pg_tables where schemaname = '${schema}'`);
    const pairs = [
      [directoryRole, "cairn"],
      [appRole, "cairn_directory"],
    ] as const;
    for (const [role, schema] of pairs) {
      const found = await tables(schema);
      expect(found.length).toBeGreaterThan(1);
      for (const { name } of found) {
        await expect(as(role, `select from ${schema}.${name}`), name).rejects.toMatchObject({ code: "42501" });
      }
    }
  });

  test("change rows and nothing else", async () => {
    await using database = await makeDatabase();
    await migrateDirectory({ url: database.url });
    const as = (sql: string) =>
      database.run(`begin; set local role ${directoryRole}; set local search_path = cairn_directory; ${sql}`);
    expect(await as("select id from spaces")).toHaveLength(1);
    for (const sql of [
      "create table mine (n int)",
      "drop table spaces",
      "truncate spaces",
      "alter table spaces disable trigger tell_change",
      "alter table spaces add column mine int",
      "delete from migrations",
      "select tell_change()",
      "set session_replication_role = replica",
      "create schema mine",
    ]) {
      await expect(as(sql), sql).rejects.toMatchObject({ code: "42501" });
    }
  });

  test("make a table of the directory one for its role, and no other of the same step", async () => {
    for (const { sql } of directoryMigrations.map((step) => ("sql" in step ? step : { sql: "" }))) {
      const made = [...sql.matchAll(/create table (\w+)/gu)].map(([, table]) => table);
      const granted = [...sql.matchAll(/grant .* on (\w+) to cairn_directory_app/gu)].map(([, table]) => table);
      expect(granted).toEqual(made);
    }
  });
});
