import { randomUUID } from "node:crypto";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { alice, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { makeServers, type Servers } from "@cairn/testing/postgres/servers";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../fixtures/until.ts";
import { openPool, type PostgresPool } from "../connection/pool.ts";
import { appRole, memorySchema } from "../connection/roles.ts";
import { readCatalog } from "./catalog.ts";
import { type Cell, openCell } from "./cell.ts";
import { clearSpace } from "./clear.ts";
import { readFenced } from "./fence.ts";
import { type Hold, leave, letGo, openFence, pauseWrites, sealPause, takeUp } from "./hold.ts";

const describe = await postgresOrSkip();

describe("ENG-8 the fence of a space", () => {
  let servers: Servers;
  let engine: Engine;
  let cell: Cell;
  let pool: PostgresPool;
  beforeAll(async () => {
    servers = await makeServers();
    engine = servers.open({ isCell: true });
    const { url } = servers.database;
    cell = openCell({ name: null, url });
    pool = openPool({ url, role: appRole, searchPath: [memorySchema], name: "test", most: 2 });
  });
  afterAll(async () => {
    await Promise.all([cell.close(), pool.close()]);
    await servers[Symbol.asyncDispose]();
  });

  const holdOf = (space: string): Hold => ({ cell, space, mover: randomUUID() });
  const store = async (space: string, content: string): Promise<string> =>
    memoryOf((await engine.write(space, alice).remember([await itemOf(content)], false))[0]).id;
  const countOf = async (space: string): Promise<number> => (await engine.read(space).stats()).memories;
  const moved = { code: "space.moved" };

  test("turns writers away while it is paused, and lets them in when the pause is over, sealed or not", async () => {
    const hold = holdOf(newId());
    const { space } = hold;
    await store(space, "before");
    await takeUp(hold, "source", 1);
    await pauseWrites(hold, 2, 60_000);
    await expect(store(space, "in the pause")).rejects.toMatchObject(moved);
    await expect(engine.drop(space)).rejects.toMatchObject(moved);
    await expect(engine.repair(space)).rejects.toMatchObject(moved);
    expect(await countOf(space)).toBe(1);
    expect(await sealPause(hold)).toBe(true);
    await expect(store(space, "sealed")).rejects.toMatchObject(moved);
    await openFence(hold);
    await store(space, "after");
    expect(await countOf(space)).toBe(2);
  });

  test("opens by itself when the mover is late, who then cannot seal what somebody has written past", async () => {
    const hold = holdOf(newId());
    const { space } = hold;
    await takeUp(hold, "source", 1);
    await pauseWrites(hold, 2, 0);
    // Over, and nobody has written: it still holds.
    expect(await sealPause(hold)).toBe(true);
    await pauseWrites(hold, 2, 0);
    await store(space, "the pause is over");
    expect(await sealPause(hold)).toBe(false);
    await store(space, "and stays so");
  });

  test("waits for the writer who is at it", async () => {
    const hold = holdOf(newId());
    const { space } = hold;
    await store(space, "one");
    await takeUp(hold, "source", 1);
    const writer = new pg.Client(servers.database.url);
    await writer.connect();
    try {
      await writer.query("BEGIN");
      await writer.query("SELECT 1 FROM cairn.space_state WHERE space = $1 FOR UPDATE", [space]);
      let isPaused = false;
      const paused = pauseWrites(hold, 2, 60_000).then(() => (isPaused = true));
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'cairn mover' AND wait_event_type = 'Lock'";
      await until(async () => (await servers.database.run(waiting)).length > 0);
      expect(isPaused).toBe(false);
      await writer.query("COMMIT");
      await paused;
    } finally {
      await writer.end();
    }
  });

  test("tells readers and writers that the space has gone, for good, and is no space that springs to life", async () => {
    const hold = holdOf(newId());
    const { space } = hold;
    const id = await store(space, "here");
    await takeUp(hold, "source", 1);
    await leave(hold);
    await clearSpace(hold, await readCatalog(cell.pool));
    await letGo(hold, 2);
    const reader = engine.read(space);
    const query = { query: "here", vector: new Float32Array(64), limit: 1, minRelevance: 0, now: 0 };
    for (const call of [
      () => reader.get(id),
      () => reader.stats(),
      () => reader.recall({ ...query, include: "memories" }),
      () => store(space, "again"),
      () => engine.create(space),
      () => engine.drop(space),
    ])
      await expect(call()).rejects.toMatchObject(moved);
    const rows = await servers.database.run(
      `SELECT fence, seq::int, replica, model FROM cairn.space_state WHERE space = '${space}'`,
    );
    expect(rows).toEqual([{ fence: 3, seq: 0, replica: "", model: null }]);
  });

  test("is not cleared while somebody still reads who was not told", async () => {
    const hold = holdOf(newId());
    const { space } = hold;
    await store(space, "read slowly");
    await takeUp(hold, "source", 1);
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = pool.transaction({ space, readOnly: true }, (connection) =>
      readFenced(connection, space, async () => {
        await connection.query("SELECT 1 AS one");
        begun.resolve();
        await gate.promise;
        return connection.query<{ n: number }>("SELECT count(*) AS n FROM memories WHERE space = $1", [space]);
      }),
    );
    await begun.promise;
    let hasLeft = false;
    const left = leave(hold).then(() => (hasLeft = true));
    const waiting =
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    await until(async () => (await servers.database.run(waiting)).length > 0);
    expect(hasLeft).toBe(false);
    gate.resolve();
    expect((await slow).map(({ n }) => n)).toEqual([1]);
    await left;
  });

  test("belongs to the last mover that took it up, and to none with an older record", async () => {
    const [first, second] = [holdOf(newId()), randomUUID()];
    const { space } = first;
    await takeUp(first, "source", 3);
    const later = { ...first, mover: second };
    await takeUp(later, "source", 3);
    for (const step of [
      () => pauseWrites(first, 4, 1),
      () => sealPause(first),
      () => openFence(first),
      () => leave(first),
    ])
      await expect(step()).rejects.toMatchObject({ code: "storage.busy" });
    await pauseWrites(later, 4, 60_000);
    await expect(takeUp(first, "source", 3)).rejects.toMatchObject({ code: "storage.busy" });
    await expect(store(space, "still paused")).rejects.toMatchObject(moved);
    await letGo(later, 9);
    await expect(takeUp(first, "source", 8)).rejects.toMatchObject({ code: "storage.busy" });
  });

  test("is not taken up as a target where the space is served", async () => {
    const hold = holdOf(newId());
    await store(hold.space, "served here");
    await expect(takeUp(hold, "target", 1)).rejects.toMatchObject({ code: "config.invalid" });
    await store(hold.space, "as before");
  });
});
