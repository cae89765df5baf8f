import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { startPostgres } from "@cairn/testing/postgres/start-postgres";
import { expect, test } from "vitest";
import { openPool } from "./pool.ts";

const describe = await postgresOrSkip("own");
const free = { space: null } as const;

describe("a pool whose database comes and goes", () => {
  test("OPS-5 calls fail clearly while it is away, work again when it is back, and nothing that was acknowledged is lost", async () => {
    await using server = await startPostgres({ durable: true });
    const pool = openPool({ url: server.url, role: null, name: "test", most: 3 });
    const insert = (n: number) => pool.transaction(free, ({ change }) => change("INSERT INTO t VALUES ($1)", [n]));
    try {
      await pool.use(({ change }) => change("CREATE TABLE t (n int PRIMARY KEY)"));
      const waiting = pool.transaction(free, ({ query }) => query("SELECT pg_sleep(60)"));
      const refused = waiting.catch((error: unknown) => error);
      await insert(1);
      await server.kill9();
      expect(await refused).toMatchObject({ code: "storage.unavailable" });
      await expect(insert(2)).rejects.toMatchObject({
        code: "storage.unavailable",
        data: { retryAfterMs: expect.any(Number) },
      });
      await server.start();
      await insert(3);
      await server.restart();
      // Idle connections may not have noticed yet: whoever meets one is told to try again.
      for (let n = 4; n < 10; n++) await insert(n).catch(() => insert(n));
      const rows = await pool.use(({ query }) => query<{ n: number }>("SELECT n FROM t ORDER BY n"));
      expect(rows.map(({ n }) => n)).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
    } finally {
      await pool.close();
    }
  });
});
