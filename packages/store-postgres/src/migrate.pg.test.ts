import { fork } from "node:child_process";
import { once } from "node:events";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { insertOf, makeRows, tablesInOrder } from "@cairn/testing/postgres/fill-tables";
import pg from "pg";
import { expect, test } from "vitest";
import { addColumn, addIndex, foundation } from "./fixtures/later-steps.ts";
import { migrateMemory } from "./migrate.ts";
import { allMigrations } from "./migrations/all-migrations.ts";
import type { Migration } from "./migrations/run-migrations.ts";

const describe = await postgresOrSkip();

const broken: Migration = { name: "broken", sql: "CREATE TABLE half (x int); INSERT INTO missing VALUES (1)" };

const space = "00000000-0000-4000-8000-00000000000a";
const asSpace = `SET search_path = cairn; SET app.space = '${space}'`;

const fill = async (database: TestDatabase): Promise<void> => {
  const rows = await makeRows(database, "cairn", 1, { space: `'${space}'` });
  await database.run([asSpace, ...rows.map(insertOf)].join(";"));
};

/** Every row of every table, as JSON. */
const contents = async (database: TestDatabase): Promise<ReadonlyMap<string, readonly Record<string, unknown>[]>> => {
  const found = new Map<string, readonly Record<string, unknown>[]>();
  for (const table of await tablesInOrder(database, "cairn")) {
    const rows = await database.run<{ row: Record<string, unknown> }>(
      `${asSpace}; SELECT to_jsonb(t) AS row FROM ${table} t`,
    );
    found.set(
      table,
      rows.map(({ row }) => row),
    );
  }
  return found;
};

const taken = (database: TestDatabase) =>
  database.run<{ id: number; name: string }>("SELECT id, name FROM cairn.migrations ORDER BY id");

const indexes = async (database: TestDatabase, table: string) =>
  (
    await database.run<{ name: string; sound: boolean }>(
      `SELECT indexrelid::regclass::text AS name, indisvalid AS sound FROM pg_index
       WHERE indrelid = 'cairn.${table}'::regclass ORDER BY 1`,
    )
  ).map(({ name, sound }) => `${name.replace("cairn.", "")}${sound ? "" : " (broken)"}`);

/** A session that stays in a transaction. */
const openClient = async (url: string, ...statements: readonly string[]) => {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  for (const sql of statements) await client.query(sql);
  return { client, [Symbol.asyncDispose]: () => client.end() };
};

const sessionsWaiting = async (database: TestDatabase): Promise<number> => {
  const [row] = await database.run<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'cairn-migrations' AND wait_event_type = 'Lock'`,
  );
  return Number(row?.n);
};

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe("migrateMemory", () => {
  test("ENG-2 makes schema and tables of the owner, and says so once", async () => {
    await using database = await makeDatabase();
    expect(await migrateMemory({ url: database.url })).toEqual(allMigrations.map(({ name }) => name));
    expect(await migrateMemory({ url: database.url })).toEqual([]);
    expect(await taken(database)).toEqual(allMigrations.map(({ name }, at) => ({ id: at + 1, name })));
    const owners = await database.run(
      "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'cairn' AND tablename <> 'x'",
    );
    expect(owners).toEqual([{ tableowner: "cairn_owner" }]);
  });

  test("ENG-2 from the first version up, with a row in every table, nothing is lost", async () => {
    await using database = await makeDatabase();
    await migrateMemory({ url: database.url, steps: [foundation] });
    await fill(database);
    const before = await contents(database);
    expect(before.size).toBeGreaterThan(20);
    expect([...before].filter(([, rows]) => rows.length !== 1)).toEqual([]);
    await migrateMemory({ url: database.url });
    await migrateMemory({ url: database.url, steps: [...allMigrations, addColumn, addIndex] });
    const after = await contents(database);
    for (const [table, [row]] of before) expect(after.get(table), table).toMatchObject([row]);
    expect(await indexes(database, "memories")).toContain("memories_extra");
    // A step that fills a column meets the rows of all spaces, and leaves the table closed.
    expect(after.get("memories")).toMatchObject([{ content: "text 1", extra: "text 1" }]);
    expect(await database.run("SET ROLE cairn_owner; SELECT FROM cairn.memories")).toEqual([]);
  });

  test("ENG-2 a database of a newer version is refused and left as it is", async () => {
    await using database = await makeDatabase();
    await migrateMemory({ url: database.url, steps: [...allMigrations, addColumn] });
    await expect(migrateMemory({ url: database.url })).rejects.toMatchObject({ code: "storage.newer" });
    const other: Migration = { name: "another column", sql: "ALTER TABLE memories ADD COLUMN other text" };
    await expect(migrateMemory({ url: database.url, steps: [...allMigrations, other] })).rejects.toMatchObject({
      code: "storage.newer",
    });
    expect(await taken(database)).toHaveLength(allMigrations.length + 1);
  });

  test("ENG-2 leaves nothing of a step that fails, and goes on from there", async () => {
    await using database = await makeDatabase();
    await expect(migrateMemory({ url: database.url, steps: [foundation, broken] })).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining('"broken"'),
    });
    expect(await database.run("SELECT to_regclass('cairn.half') AS half")).toEqual([{ half: null }]);
    expect(await migrateMemory({ url: database.url, steps: [foundation, addColumn] })).toEqual(["a column"]);
  });

  test("ENG-2 OPS-5 servers that start at once migrate once", async () => {
    await using database = await makeDatabase();
    const steps = [foundation, addColumn, addIndex];
    const said = await Promise.all(Array.from({ length: 5 }, () => migrateMemory({ url: database.url, steps })));
    expect(said.filter((names) => names.length > 0)).toEqual([["foundation", "a column", "an index"]]);
    expect(await taken(database)).toHaveLength(3);
  });

  test("ENG-2 OPS-5 databases of one cluster can be migrated at once", async () => {
    await using first = await makeDatabase();
    await using second = await makeDatabase();
    const said = await Promise.all([first, second].map(({ url }) => migrateMemory({ url })));
    expect(said.map(({ length }) => length)).toEqual([allMigrations.length, allMigrations.length]);
  });

  test("ENG-2 a step waits for a lock only shortly at a time, so that others can go on", async () => {
    await using database = await makeDatabase();
    await migrateMemory({ url: database.url, steps: [foundation] });
    await using holder = await openClient(database.url, "BEGIN", asSpace, "SELECT FROM memories");
    const migrated = migrateMemory({ url: database.url, steps: [foundation, addColumn] });
    await until(async () => (await sessionsWaiting(database)) === 1);
    // Behind the waiting ALTER TABLE even readers stand, but not for longer than it waits.
    await database.run("SET lock_timeout = '10s'; SELECT FROM cairn.memories");
    expect(await taken(database)).toHaveLength(1);
    await holder.client.query("COMMIT");
    expect(await migrated).toEqual(["a column"]);
  });

  test("ENG-2 what a process that was killed began is finished by the next", async () => {
    await using database = await makeDatabase();
    await migrateMemory({ url: database.url, steps: [foundation, addColumn] });
    // A transaction that wrote to the table keeps the index from being finished.
    const row = (await makeRows(database, "cairn", 1, { space: `'${space}'` })).filter(({ table }) =>
      ["space_state", "memories"].includes(table),
    );
    await using writer = await openClient(database.url, "BEGIN", asSpace, ...row.map(insertOf));
    const child = fork(new URL("fixtures/migrate-process.ts", import.meta.url), [database.url]);
    await until(async () => (await sessionsWaiting(database)) === 1);
    child.kill("SIGKILL");
    await once(child, "exit");
    // The database notices by itself that nobody waits for the answer any more.
    await until(async () => (await sessionsWaiting(database)) === 0);
    expect(await indexes(database, "memories")).toContain("memories_extra (broken)");
    await writer.client.query("COMMIT");
    const steps = [foundation, addColumn, addIndex];
    await migrateMemory({ url: database.url, steps });
    expect(await indexes(database, "memories")).toContain("memories_extra");
    expect(await taken(database)).toHaveLength(3);
  });
});
