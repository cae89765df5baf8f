import { setTimeout as wait } from "node:timers/promises";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openProxy } from "../fixtures/proxy.ts";
import { openPool, type PoolOptions, type PostgresPool } from "./pool.ts";

const describe = await postgresOrSkip();

const space = "01990000-0000-7000-8000-00000000000a";
const other = "01990000-0000-7000-8000-00000000000b";
const free = { space: null } as const;

const usingPool = (pool: PostgresPool) => ({ ...pool, [Symbol.asyncDispose]: () => pool.close() });

describe("the pool", () => {
  let database: TestDatabase;
  let login: { readonly name: string; readonly url: string };
  beforeAll(async () => {
    database = await makeDatabase();
    login = await database.makeLogin();
    await database.run(`
      CREATE ROLE ${login.name}_app NOLOGIN; GRANT ${login.name}_app TO ${login.name};
      CREATE SCHEMA things; GRANT USAGE ON SCHEMA things TO ${login.name}_app;
      CREATE TABLE things.t (n int PRIMARY KEY); GRANT ALL ON things.t TO ${login.name}_app`);
  });
  afterAll(async () => {
    await database.run(`DROP OWNED BY ${login.name}_app; DROP ROLE ${login.name}_app`);
    await database.drop();
  });
  beforeEach(() => database.run("TRUNCATE things.t"));

  const open = (options: Partial<PoolOptions> = {}) =>
    usingPool(
      openPool({
        url: login.url,
        role: `${login.name}_app`,
        searchPath: ["things"],
        name: "test",
        most: 1,
        ...options,
      }),
    );
  const numbers = () => database.run<{ n: number }>("SELECT n FROM things.t ORDER BY n");
  const state =
    "SELECT current_user AS role, current_setting('app.space', true) AS space, current_setting('search_path') AS path";
  const clean = () => ({ role: `${login.name}_app`, space: "", path: "things,pg_temp" });

  test("ENG-2 what a statement sets for its session does not reach whoever is next on the connection", async () => {
    await using pool = open();
    const spoil = [
      `SELECT set_config('app.space', '${other}', false)`,
      "RESET ROLE",
      "SET search_path = public",
      "CREATE TEMPORARY TABLE t (n int)",
    ];
    for (const where of [pool.use, (work: Parameters<typeof pool.use>[0]) => pool.transaction({ space }, work)]) {
      await where(async ({ query }) => {
        for (const sql of spoil) await query(sql.replace("TABLE t", "TABLE IF NOT EXISTS t"));
      });
      expect(await pool.transaction(free, ({ query }) => query(state))).toEqual([clean()]);
      expect(await pool.transaction({ space }, ({ query }) => query(state))).toEqual([{ ...clean(), space }]);
      expect(await pool.use(({ query }) => query(state))).toEqual([clean()]);
      expect(
        await pool.transaction(free, ({ query }) => query("SELECT 't'::regclass::oid = 'things.t'::regclass AS same")),
      ).toEqual([{ same: true }]);
    }
  });

  test("ENG-2 a space that is no id is refused before anything is sent", async () => {
    await using pool = open();
    for (const wrong of ["", "x", `${space}'`]) {
      await expect(pool.transaction({ space: wrong }, ({ query }) => query("SELECT 1"))).rejects.toMatchObject({
        code: "space.not_found",
      });
    }
    expect(pool.figures().connections).toBe(0);
  });

  test("ENG-2 values come back as they were sent", async () => {
    await using pool = open();
    const bytes = Uint8Array.from([0, 1, 92, 255]);
    const text = 'a\0b\u{10FFFE}c\\ "d", {e}';
    const rows = await pool.use(({ query }) =>
      query(
        "SELECT $1::text AS text, $2::bytea AS bytes, $3::bigint AS big, $4::text[] AS texts, $5::bigint[] AS bigs, $6::boolean AS yes, $7::float8 AS number, $8::text AS none",
        [text, bytes, 2 ** 52, [text, null, ""], [1, null], true, 0.1, null],
      ),
    );
    expect(rows).toEqual([
      {
        text,
        bytes: Buffer.from(bytes),
        big: 2 ** 52,
        texts: [text, null, ""],
        bigs: expect.anything(),
        yes: true,
        number: 0.1,
        none: null,
      },
    ]);
  });

  test("OPS-5 statements are sent without waiting for the answers to those before", async () => {
    await using proxy = await openProxy(login.url);
    await using pool = open({ url: proxy.url });
    await pool.use(({ query }) => query("SELECT 1"));
    proxy.hold();
    const asked = pool.transaction({ space }, ({ query }) =>
      Promise.all([query("SELECT 2 AS n"), query("SELECT 3 AS n")]),
    );
    asked.catch(() => undefined);
    while (!/BEGIN[\s\S]*SELECT 2 AS n[\s\S]*SELECT 3 AS n/u.test(proxy.sent())) await wait(5);
    proxy.cut();
    await expect(asked).rejects.toMatchObject({ code: "storage.unavailable" });
  });

  test("OPS-5 of statements that fail together the first to fail is told, whichever was awaited", async () => {
    await using pool = open();
    const insert = "INSERT INTO t VALUES ($1)";
    const failing = pool.transaction(free, async ({ query, change }) => {
      void change(insert, [1]);
      void change("INSERT INTO t SELECT 1 FROM pg_sleep(0) WHERE 1 / $1::int = 1", [0]);
      await query("SELECT n FROM t");
    });
    await expect(failing).rejects.toMatchObject({ code: "internal", cause: { code: "22012" } });
    expect(await numbers()).toEqual([]);
    await pool.transaction(free, ({ change }) => change(insert, [2]));
    expect(await numbers()).toEqual([{ n: 2 }]);
  });

  test("OPS-5 a statement that fails unnoticed fails the transaction, which keeps nothing", async () => {
    await using pool = open();
    const failing = pool.transaction(free, async ({ change }) => {
      await change("INSERT INTO t VALUES (1)");
      void change("INSERT INTO t VALUES (1)");
      return "done";
    });
    await expect(failing).rejects.toMatchObject({ cause: { code: "23505" } });
    expect(await numbers()).toEqual([]);
  });

  test("OPS-5 what the work throws is thrown, and nothing is kept", async () => {
    await using pool = open();
    const failing = pool.transaction(free, async ({ change }) => {
      void change("INSERT INTO t VALUES (1)");
      throw new RangeError("no");
    });
    await expect(failing).rejects.toMatchObject({ code: "internal", cause: expect.any(RangeError) });
    expect(await numbers()).toEqual([]);
    expect(pool.figures()).toEqual({ connections: 1, idle: 1, waiting: 0 });
  });

  test("ENG-2 a transaction that only reads cannot write", async () => {
    await using pool = open();
    const writing = pool.transaction({ space: null, readOnly: true }, ({ change }) =>
      change("INSERT INTO t VALUES (1)"),
    );
    await expect(writing).rejects.toMatchObject({ code: "storage.read_only" });
  });

  test("OPS-5 a pool whose connections are all taken says when to come again", async () => {
    await using pool = open({ waitMs: 50 });
    let finish = (): void => undefined;
    const taken = pool.use(() => new Promise<void>((resolve) => (finish = resolve)));
    while (pool.figures().connections === 0) await wait(1);
    const late = pool.use(({ query }) => query("SELECT 1"));
    await expect(late).rejects.toMatchObject({ code: "storage.busy", data: { retryAfterMs: expect.any(Number) } });
    finish();
    await taken;
    expect(await pool.use(({ query }) => query("SELECT 1 AS n"))).toEqual([{ n: 1 }]);
  });

  test("OPS-5 what takes too long is given up, and the connection goes on", async () => {
    await using pool = open({ statementMs: 50 });
    const slow = pool.transaction(free, ({ query }) => query("SELECT pg_sleep(30)"));
    await expect(slow).rejects.toMatchObject({ code: "storage.busy", data: { retryAfterMs: expect.any(Number) } });
    expect(await pool.use(({ query }) => query("SELECT 1 AS n"))).toEqual([{ n: 1 }]);
    expect(pool.figures().connections).toBe(1);
  });

  test("OPS-5 another's lock is not waited for forever", async () => {
    await using pool = open({ most: 2, lockMs: 50 });
    await pool.transaction(free, async ({ change }) => {
      await change("LOCK TABLE t");
      const second = pool.transaction(free, (connection) => connection.change("INSERT INTO t VALUES (1)"));
      await expect(second).rejects.toMatchObject({ code: "storage.busy" });
    });
  });

  test("OPS-5 a connection that breaks in a transaction is replaced, and the transaction is not kept", async () => {
    await using proxy = await openProxy(login.url);
    await using pool = open({ url: proxy.url });
    const broken = pool.transaction(free, async ({ change, query }) => {
      await change("INSERT INTO t VALUES (1)");
      proxy.cut();
      void query("SELECT 1");
      await query("SELECT 2");
    });
    await expect(broken).rejects.toMatchObject({
      code: "storage.unavailable",
      data: { retryAfterMs: expect.any(Number) },
    });
    await pool.transaction(free, ({ change }) => change("INSERT INTO t VALUES (2)"));
    expect(await numbers()).toEqual([{ n: 2 }]);
  });

  test("OPS-5 sessions that the database ends, at work or idle, are replaced", async () => {
    await using pool = open();
    const pids = () => pool.use(({ query }) => query<{ pid: number }>("SELECT pg_backend_pid() AS pid"));
    const [idle] = await pids();
    await database.run(`SELECT pg_terminate_backend(${idle!.pid})`);
    while (pool.figures().connections > 0) await wait(5);
    const [fresh] = await pids();
    expect(fresh).not.toEqual(idle);
    const ended = pool.transaction(free, async ({ query }) => {
      await database.run(`SELECT pg_terminate_backend(${fresh!.pid})`);
      await query("SELECT 1");
    });
    await expect(ended).rejects.toMatchObject({ code: "storage.unavailable" });
    expect(await pids()).toHaveLength(1);
  });

  test("OPS-5 an account that may not act as the role is a matter of the settings", async () => {
    for (const role of ["postgres", "no_such_role"]) {
      await using pool = open({ role });
      await expect(pool.use(({ query }) => query("SELECT 1"))).rejects.toMatchObject({ code: "config.invalid" });
    }
  });

  test("OPS-5 one statement at a time, for what a pipeline does not know", async () => {
    await using pool = open({ oneByOne: true });
    const rows = await pool.transaction({ space }, ({ query }) => query(state));
    expect(rows).toEqual([{ ...clean(), space }]);
  });

  test("OPS-5 a pool that is closed gives nothing more, and can be closed again", async () => {
    await using pool = open();
    const asked = pool.use(({ query }) => query("SELECT 1 AS n"));
    await asked;
    await pool.close();
    await expect(pool.use(({ query }) => query("SELECT 1"))).rejects.toMatchObject({ code: "storage.unavailable" });
    await pool.close();
  });
});
