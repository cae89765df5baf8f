import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { openPostgresLeases } from "./postgres-leases.ts";

const describe = await postgresOrSkip();

const setUp = async () => {
  const database = await makeDatabase();
  const opened = [openPostgresLeases(database.url), openPostgresLeases(database.url)] as const;
  const connections = (): Promise<readonly object[]> =>
    database.run(`select pid from pg_stat_activity
      where datname = current_database() and application_name = 'cairn leases'`);
  return {
    one: opened[0],
    other: opened[1],
    connections,
    breakAll: () =>
      database.run(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'cairn leases'`),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map(({ close }) => close()));
      await database.drop();
    },
  };
};

describe("leases in PostgreSQL", () => {
  test("EMB-4 one of two servers has a lease at a time, for each name apart", async () => {
    await using setup = await setUp();
    const { one, other } = setup;
    const held = await one.take("space-a");
    expect(held).not.toBeNull();
    expect(await other.take("space-a")).toBeNull();
    expect(await one.take("space-a")).toBeNull();
    expect(await other.take("space-b")).not.toBeNull();
    await held?.renew();
    await held?.release();
    await held?.release();
    expect(await other.take("space-a")).not.toBeNull();
    expect(await setup.connections()).toHaveLength(2);
  });

  test("EMB-4 of many that ask at once one gets it", async () => {
    await using setup = await setUp();
    const asked = Array.from({ length: 20 }, (_, at) => (at % 2 ? setup.one : setup.other).take("space"));
    expect((await Promise.all(asked)).filter((lease) => lease !== null)).toHaveLength(1);
  });

  test("EMB-4 a lease of a server that is gone is anybody's at once", async () => {
    await using setup = await setUp();
    expect(await setup.one.take("space")).not.toBeNull();
    await setup.one.close();
    await expect.poll(() => setup.other.take("space")).not.toBeNull();
    expect(await setup.one.take("space")).toBeNull();
  });

  test("EMB-4 a broken connection is made anew, and a lease that goes on is taken again", async () => {
    await using setup = await setUp();
    const held = await setup.one.take("space");
    await setup.breakAll();
    await expect.poll(setup.connections).toEqual([]);
    await expect
      .poll(async () => {
        await held?.renew();
        return setup.connections();
      })
      .toHaveLength(1);
    expect(await setup.other.take("space")).toBeNull();
    await held?.release();
    await expect.poll(() => setup.other.take("space")).not.toBeNull();
  });

  test("EMB-4 while the database does not answer nobody gets a lease", async () => {
    const leases = openPostgresLeases("postgres://nobody@127.0.0.1:1/none");
    expect(await leases.take("space")).toBeNull();
    expect(await leases.take("space")).toBeNull();
    await leases.close();
  });
});
