import { describeLimitCounters } from "@cairn/testing/limits-conformance";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { describeTenantCounts } from "@cairn/testing/tenant-counts-conformance";
import { afterAll, expect, test } from "vitest";
import { openPostgresDatabase } from "../database/postgres-database.ts";
import { migrateDirectory } from "../postgres-migrations.ts";
import type { LimitCounters } from "./limit-counters.ts";
import { openPostgresLimitCounters } from "./postgres-limit-counters.ts";

const describe = await postgresOrSkip();

/** Making a database takes longer than most of these tests: they share one, which each finds empty. */
const makeShared = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  return { database, ...(await database.makeLogin("NOINHERIT IN ROLE cairn_directory_app")) };
};
let shared: ReturnType<typeof makeShared> | undefined;
afterAll(async () => (await shared)?.database.drop());

const setUp = async () => {
  const { database, url } = await (shared ??= makeShared());
  await database.run("delete from cairn_directory.limit_rates; delete from cairn_directory.limit_usage");
  const opened: LimitCounters[] = [];
  let now = 1_200_000;
  return {
    database,
    url,
    open: () => {
      const counters = openPostgresLimitCounters({ url, clock: () => now });
      opened.push(counters);
      return counters;
    },
    pass: (milliseconds: number) => void (now += milliseconds),
    [Symbol.asyncDispose]: async () => {
      for (const counters of opened) await counters.close();
    },
  };
};

describe("on PostgreSQL", () => {
  describeLimitCounters("PostgreSQL", setUp);
  describeTenantCounts("PostgreSQL", async () => {
    const { url } = await (shared ??= makeShared());
    const database = openPostgresDatabase({ url });
    return { database, [Symbol.asyncDispose]: database.close };
  });

  test("TEN-4 several keys in one statement, taken in different orders at once, never wait for each other", async () => {
    await using setup = await setUp();
    const servers = [setup.open(), setup.open()] as const;
    const hits = ["a", "b", "c"].map((key) => ({ key, most: 10_000, windowMs: 60_000 }));
    const calls = Array.from({ length: 200 }, (_, at) =>
      servers[at % 2 === 0 ? 0 : 1].hit(at % 3 === 0 ? hits.toReversed() : hits),
    );
    await Promise.all(calls);
    expect((await servers[0].look(hits)).map(({ remaining }) => remaining)).toEqual([9_800, 9_800, 9_800]);
  });

  test("TEN-4 counts by the database's clock, in tables that cost no synced log", async () => {
    await using setup = await setUp();
    const counters = openPostgresLimitCounters({ url: setup.url });
    const [answer] = await counters.hit([{ key: "k", most: 5, windowMs: 60_000 }]);
    expect(answer).toMatchObject({ admitted: true });
    expect(answer!.resetMs).toBeLessThanOrEqual(60_000);
    const [rates] = await setup.database.run(
      "select relpersistence from pg_class where oid = 'cairn_directory.limit_rates'::regclass",
    );
    expect(rates).toEqual({ relpersistence: "u" });
    await counters.close();
  });

  test("TEN-4 a database that cannot be reached is a coded error soon", async () => {
    const counters = openPostgresLimitCounters({ url: "postgres://nobody@127.0.0.1:1/none", waitMs: 200 });
    await expect(counters.hit([{ key: "k", most: 5, windowMs: 60_000 }])).rejects.toMatchObject({
      code: "storage.unavailable",
    });
    await counters.close();
    await expect(counters.prune("2026-01")).rejects.toMatchObject({ code: "storage.unavailable" });
  });
});
