import pg from "pg";
import { expect, test } from "vitest";
import { makeDatabase, postgresOrSkip } from "./postgres-or-skip.ts";
import { startPostgres } from "./start-postgres.ts";

const describe = await postgresOrSkip();
const describeOwn = await postgresOrSkip("own");

describe("the run's server", () => {
  test("gives fresh databases that have pgvector at hand", async () => {
    await using database = await makeDatabase();
    await database.run("CREATE EXTENSION vector; CREATE TABLE t (v vector(2)); INSERT INTO t VALUES ('[1,2]')");
    expect(await database.run("SELECT v <-> '[1,0]' AS distance FROM t")).toEqual([{ distance: 2 }]);
    await using other = await makeDatabase();
    await expect(other.run("SELECT * FROM t")).rejects.toThrow(/does not exist/u);
  });

  test("a database is gone with its logins", async () => {
    const database = await makeDatabase();
    const { name } = await database.makeLogin();
    await database.drop();
    await using other = await makeDatabase();
    expect(await other.run(`SELECT 1 FROM pg_roles WHERE rolname = '${name}'`)).toEqual([]);
    expect(await other.run(`SELECT 1 FROM pg_database WHERE datname = '${database.name}'`)).toEqual([]);
  });

  test("asks for a password", async () => {
    await using database = await makeDatabase();
    const { url } = await database.makeLogin();
    const client = new pg.Client({ connectionString: url.replace(":secret@", ":wrong@") });
    await expect(client.connect()).rejects.toMatchObject({ code: "28P01" });
  });
});

const ask = async (url: string, sql: string): Promise<readonly object[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
};

describeOwn("a server of a test's own", () => {
  test("keeps what was committed over a restart and over kill -9, at the same address", async () => {
    await using postgres = await startPostgres({ durable: true });
    await ask(postgres.url, "CREATE TABLE t AS SELECT 1 AS n");
    await postgres.restart();
    await ask(postgres.url, "INSERT INTO t VALUES (2)");
    await postgres.kill9();
    await expect(ask(postgres.url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await postgres.start();
    expect(await ask(postgres.url, "SELECT n FROM t ORDER BY n")).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await ask(postgres.url, "SHOW fsync")).toEqual([{ fsync: "on" }]);
  });

  test("says why it does not start", async () => {
    await expect(startPostgres({ settings: { shared_buffers: "nothing" } })).rejects.toThrow(/shared_buffers/u);
  });
});
