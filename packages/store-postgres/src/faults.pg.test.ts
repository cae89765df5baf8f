/** A database that is slow, full, away or cut off: clear codes that say when to come again, and no call that hangs. */
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import type { RecallQuery } from "@cairn/memory/recall/query";
import { meaningOf, textOf } from "@cairn/testing/crash/marked-text";
import { alice, ingestInto, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { makeServers, type Servers } from "@cairn/testing/postgres/servers";
import { openProxy } from "./fixtures/proxy.ts";
import { until } from "./fixtures/until.ts";

const describe = await postgresOrSkip();

const busy = { code: "storage.busy", data: { retryAfterMs: expect.any(Number) as unknown } };
const unavailable = { code: "storage.unavailable", data: { retryAfterMs: expect.any(Number) as unknown } };

const store = async (engine: Engine, space: string, word: string, key: string | null = null) => {
  const item = await itemOf({ content: textOf(word), key }, { vectors: [meaningOf(word)] });
  return memoryOf((await engine.write(space, alice).remember([item], false))[0]);
};
const ask = (engine: Engine, space: string, word: string, more: Partial<RecallQuery> = {}) =>
  engine.read(space).recall({
    query: word,
    vector: meaningOf(word),
    limit: 1,
    minRelevance: 0.05,
    include: "memories",
    now: Date.now(),
    ...more,
  });
const idsOf = async (...asked: Parameters<typeof ask>): Promise<readonly string[]> =>
  (await ask(...asked)).hits.map((hit) => (hit.type === "memory" ? hit.memory.id : ""));
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("a database in trouble", () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await makeServers();
  });
  afterAll(() => servers[Symbol.asyncDispose]());

  /** Somebody else's session, which holds a space's lock until it is told to let go. */
  const holdLock = async (space: string): Promise<() => Promise<void>> => {
    const client = new pg.Client({ connectionString: servers.database.url });
    await client.connect();
    onTestFinished(() => client.end().catch(() => undefined));
    await client.query("BEGIN");
    await client.query(`SELECT 1 FROM cairn.space_state WHERE space = '${space}' FOR UPDATE`);
    return async () => void (await client.query("ROLLBACK"));
  };
  /** Tables that nobody can read: a database that hangs. */
  const blockTables = async (): Promise<() => Promise<void>> => {
    const client = new pg.Client({ connectionString: servers.database.url });
    await client.connect();
    onTestFinished(() => client.end().catch(() => undefined));
    await client.query("BEGIN; LOCK TABLE cairn.docs, cairn.names, cairn.memories IN ACCESS EXCLUSIVE MODE");
    return async () => void (await client.query("ROLLBACK"));
  };
  const blockedSessions = async (): Promise<number> => {
    const [row] = await servers.database.run<{ count: string }>(
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    return Number(row!.count);
  };

  test("OPS-5 a write that waits for another server's lock is told to come again, and stores nothing", async () => {
    const engine = servers.open({ limits: { lockMs: 200 } });
    const [space, other] = [newId(), newId()];
    const first = await store(engine, space, "q7first");
    const letGo = await holdLock(space);
    const refused = await Promise.all([
      failure(store(engine, space, "q7late")),
      failure(engine.write(space, alice).update({ id: first.id, fields: { importance: 1 } })),
      failure(ingestInto(engine, space, "s", [{ role: "user", content: textOf("q7heard"), at: 1, timed: true }])),
    ]);
    expect(refused).toMatchObject([busy, busy, busy]);
    // Readers and other spaces do not notice.
    expect(await idsOf(engine, space, "q7first")).toEqual([first.id]);
    await store(engine, other, "q7other");
    await letGo();
    await store(engine, space, "q7again");
    expect(await engine.read(space).stats()).toMatchObject({ memories: 2, sessions: 0 });
    expect(await engine.check(space)).toEqual([]);
  });

  test("OPS-5 a statement that takes too long is given up with a code, and the engine goes on", async () => {
    const engine = servers.open({ limits: { statementMs: 400, lockMs: 10_000 } });
    const space = newId();
    const { id } = await store(engine, space, "q7first");
    const letGo = await blockTables();
    const refused = await Promise.all([
      failure(ask(engine, space, "q7first")),
      failure(engine.read(space).get(id)),
      failure(store(engine, space, "q7late")),
      failure(engine.check(space)),
    ]);
    expect(refused).toMatchObject([busy, busy, busy, busy]);
    await letGo();
    expect(await idsOf(engine, space, "q7first")).toEqual([id]);
    await store(engine, space, "q7again");
    expect(await engine.check(space)).toEqual([]);
  });

  test("OPS-5 where all connections are taken callers are told when to come again, and all is well when they are free", async () => {
    const engine = servers.open({ connections: 2, limits: { waitMs: 500 } });
    const spaces = [newId(), newId(), newId()];
    for (const space of spaces) await store(engine, space, "q7first");
    const letGo = await Promise.all(spaces.slice(0, 2).map(holdLock));
    const waiting = spaces.slice(0, 2).map((space) => store(engine, space, "q7waits"));
    await until(async () => (await blockedSessions()) >= 2);
    const refused = await Promise.all([
      failure(ask(engine, spaces[2]!, "q7first")),
      failure(store(engine, spaces[2]!, "q7late")),
      failure(engine.read(spaces[2]!).stats()),
    ]);
    expect(refused).toMatchObject([busy, busy, busy]);
    for (const release of letGo) await release();
    await Promise.all(waiting);
    for (const [at, space] of spaces.entries())
      expect(await engine.read(space).stats()).toMatchObject({ memories: at < 2 ? 2 : 1 });
  });

  test.each([{ threads: 0 }, { threads: 1 }])(
    "REC-6 OPS-5 a question with a deadline is answered by then, however long the database takes ($threads threads)",
    async ({ threads }) => {
      const engine = servers.open({ threads, keptFrom: 256 });
      const space = newId();
      const { id } = await store(engine, space, "q7first");
      await idsOf(engine, space, "q7first");
      const letGo = await blockTables();
      const started = performance.now();
      const asked = await Promise.all(
        [30, 60, 200].map((ms) => ask(engine, space, "q7first", { deadlineAt: Date.now() + ms })),
      );
      // Far less than the time that a statement may take.
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(asked.map(({ partial, hits }) => [partial, hits])).toEqual([
        [true, []],
        [true, []],
        [true, []],
      ]);
      await letGo();
      expect(await idsOf(engine, space, "q7first", { deadlineAt: Date.now() + 10_000 })).toEqual([id]);
    },
  );

  test("OPS-5 a network that goes silent or breaks costs the calls under way, and no others", async () => {
    await using proxy = await openProxy(servers.database.url);
    const engine = servers.open({ url: proxy.url, limits: { statementMs: 1_000, waitMs: 800 } });
    const space = newId();
    const { id } = await store(engine, space, "q7first");
    for (const word of ["q7cut", "q7cutagain"]) {
      const calls = [failure(ask(engine, space, "q7first")), failure(store(engine, space, word))];
      proxy.cut();
      for (const outcome of await Promise.all(calls))
        if (outcome !== "no failure") expect(outcome).toMatchObject(unavailable);
    }
    expect(await idsOf(engine, space, "q7first")).toEqual([id]);
    proxy.hold();
    const silent = await ask(engine, space, "q7first", { deadlineAt: Date.now() + 50 });
    expect(silent).toMatchObject({ partial: true, hits: [] });
    // Without a deadline it is told in the end, too: no connection can be made, or one does not answer.
    expect(await failure(engine.read(space).get(id))).toMatchObject({
      code: expect.stringMatching(/^storage\.(?:busy|unavailable)$/u) as unknown,
      data: busy.data,
    });
    proxy.cut();
    expect(await idsOf(engine, space, "q7first")).toEqual([id]);
    expect(await engine.check(space)).toEqual([]);
  });

  test("OPS-5 the answer to a commit gets lost: the caller is told, and may repeat what has a name", async () => {
    await using proxy = await openProxy(servers.database.url);
    const engine = servers.open({ url: proxy.url });
    const sure = servers.open();
    const space = newId();
    await store(engine, space, "q7first");
    const commits = (): number => proxy.sent().split("COMMIT").length;
    for (const word of ["q7one", "q7two", "q7three"]) {
      const letGo = await holdLock(space);
      const writing = failure(store(engine, space, word, "named"));
      await until(async () => (await blockedSessions()) > 0);
      const before = commits();
      proxy.holdAt("COMMIT");
      await letGo();
      // Others see that it was stored; the answer to the commit has not come, and never will.
      await until(async () => {
        const [stored] = (await sure.read(space).list({ key: "named", limit: 1 })).items;
        return commits() > before && stored?.content === textOf(word);
      });
      proxy.cut();
      expect(await writing).toMatchObject(unavailable);
      const repeated = await store(engine, space, word, "named");
      expect(repeated.content).toBe(textOf(word));
    }
    const { items } = await sure.read(space).list({ key: "named", limit: 5 });
    expect(items).toMatchObject([{ content: textOf("q7three"), version: 6 }]);
    expect(await sure.check(space)).toEqual([]);
  });
});
