import fc from "fast-check";
import type { SpaceDirectory, SpaceRecord } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import type { Engine } from "@cairn/memory/space/engine";
import { findLosses, nothingAcknowledged } from "@cairn/testing/crash/crash-round";
import { meaningOf, textOf } from "@cairn/testing/crash/marked-text";
import { keep, takeSeat, type Time } from "@cairn/testing/engine/differential/seat";
import { historyOf } from "@cairn/testing/engine/differential/steps";
import { alice, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { tablesInOrder } from "@cairn/testing/postgres/fill-tables";
import { openCell } from "@cairn/store-postgres/cells/cell";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTwoCells, type Server, type TwoCells } from "@cairn/testing/postgres/two-cells";
import { abandonMove, type MoveProgress, moveSpace } from "./move-space.ts";

const describe = await postgresOrSkip();

describe("ENG-8 a space that moves between two databases", () => {
  let two: TwoCells;
  let servers: readonly [Server, Server];
  const time: Time = { now: Date.UTC(2025, 0, 1), moments: [] };
  beforeAll(async () => {
    two = await makeTwoCells();
    servers = [two.serve(), two.serve({ keptFrom: 1_000 })];
  });
  afterAll(() => two[Symbol.asyncDispose]());

  let spaces = 0;
  const makeSpace = (): Promise<SpaceRecord> =>
    servers[0].directory.create({ name: `space ${spaces++}`, description: null });
  const isHeard = () => Promise.all(servers.map(({ directory }) => directory.caughtUp()));
  /** How many rows a database has of a space, without the one with its fence. */
  const rowsIn = async (database: TestDatabase, space: string): Promise<number> => {
    const tables = (await tablesInOrder(database, "cairn")).filter((table) => table !== "space_state");
    const counts = tables.map((table) => `(SELECT count(*) FROM cairn.${table} WHERE space = '${space}')`);
    const [row] = await database.run<{ n: string }>(`SELECT ${counts.join(" + ")} AS n`);
    return Number(row!.n);
  };
  const fenceIn = async (database: TestDatabase, space: string): Promise<unknown> =>
    (await database.run(`SELECT fence, mover FROM cairn.space_state WHERE space = '${space}'`))[0];
  const store = async (engine: Engine, space: string, contents: readonly string[]): Promise<readonly string[]> => {
    const items = await Promise.all(contents.map((content) => itemOf(content)));
    return (await engine.write(space, alice).remember(items, false)).map((one) => memoryOf(one).id);
  };
  const idsOf = async (engine: Engine, space: string): Promise<readonly string[]> =>
    (await engine.read(space).list({ limit: 1_000, order: "oldest" })).items.map(({ id }) => id);

  test("answers every question after as before, there and back again, and leaves nothing behind", async () => {
    const clock = (): number => time.now;
    const [one, other] = [two.serve({ clock }), two.serve({ clock, keptFrom: 1_000 })];
    const histories = fc.sample(historyOf(40), { numRuns: 2, seed: 8 });
    for (const history of histories) {
      time.now = Date.UTC(2025, 0, 1);
      time.moments = [];
      const { id } = await makeSpace();
      const { engine } = one;
      const kept = keep({ engine, reopen: () => Promise.resolve(engine), remove: () => Promise.resolve() });
      const seat = await takeSeat(kept, id, time);
      for (const step of history) {
        time.now += step.gap;
        time.moments.push(time.now);
        await seat.answer(step);
      }
      const asked = async ({ engine: asking, directory }: Server): Promise<unknown> => {
        await directory.caughtUp();
        kept.engine = asking;
        return seat.answer({ do: "survey", gap: 0 });
      };
      const before = await asked(one);
      await asked(other);
      const found = await engine.check(id);

      await moveSpace(two.mover(), id, "second");
      expect(await rowsIn(two.first, id)).toBe(0);
      expect(await fenceIn(two.first, id)).toEqual({ fence: 3, mover: null });
      expect(await asked(one)).toEqual(before);
      expect(await asked(other)).toEqual(before);
      expect(await engine.check(id)).toEqual(found);

      await moveSpace(two.mover(), id, null);
      expect(await rowsIn(two.second, id)).toBe(0);
      expect(await asked(other)).toEqual(before);
      expect(await engine.check(id)).toEqual(found);
      expect(await fenceIn(two.first, id)).toEqual({ fence: 0, mover: null });
    }
  }, 60_000);

  test("loses no write of several servers while it moves, and every server sees what any acknowledged", async () => {
    const { id: space } = await makeSpace();
    const acknowledged = nothingAcknowledged();
    let words = 0;
    const writing = { isOver: false };
    const lane = async (at: number): Promise<void> => {
      const mine = servers[at % 2]!.engine;
      const others = servers[(at + 1) % 2]!.engine;
      while (!writing.isOver) {
        const word = `q8m${(words++).toString(36)}x${at}`;
        const item = await itemOf(textOf(word), { vectors: [meaningOf(word)] });
        const [outcome] = await mine.write(space, alice).remember([item], at % 3 === 0);
        const { id } = memoryOf(outcome);
        acknowledged.stored.set(id, { space, word });
        expect((await others.read(space).get(id))?.content).toBe(textOf(word));
        const { hits } = await others.read(space).recall({
          query: word,
          vector: meaningOf(word),
          limit: 1,
          minRelevance: 0.05,
          include: "memories",
          now: Date.now(),
        });
        expect(hits.map((hit) => hit.type === "memory" && hit.memory.id)).toEqual([id]);
      }
    };
    const lanes = Promise.all([0, 1, 2].map(lane));
    try {
      for (const to of ["second", null]) await moveSpace(two.mover(), space, to);
    } finally {
      writing.isOver = true;
      await lanes;
    }
    expect(acknowledged.stored.size).toBeGreaterThan(20);
    expect(await findLosses(servers[1].engine, [space], acknowledged)).toEqual([]);
    expect(await servers[0].engine.read(space).changes(0, 100_000)).toHaveLength(acknowledged.stored.size);
    expect(await rowsIn(two.second, space)).toBe(0);
  }, 60_000);

  test("a server that has not heard of the switch writes nothing to the old cell and reads nothing old", async () => {
    const { id: space } = await makeSpace();
    let stuck: SpaceRecord | null = null;
    const { directory } = servers[0];
    const stale = two.serve({
      directory: { resolve: async (name) => stuck ?? directory.resolve(name) },
      patienceMs: 100,
    });
    await store(stale.engine, space, ["before"]);
    stuck = await directory.resolve(space);
    await moveSpace(two.mover(), space, "second");
    await store(servers[1].engine, space, ["in the new cell"]);

    await expect(store(stale.engine, space, ["nowhere"])).rejects.toMatchObject({ code: "storage.busy" });
    await expect(stale.engine.read(space).stats()).rejects.toMatchObject({ code: "storage.busy" });
    await expect(stale.engine.drop(space)).rejects.toMatchObject({ code: "storage.busy" });
    await expect(stale.engine.create(space)).rejects.toMatchObject({ code: "storage.busy" });
    expect(await rowsIn(two.first, space)).toBe(0);
    expect(await fenceIn(two.first, space)).toEqual({ fence: 3, mover: null });

    stuck = null;
    await isHeard();
    await store(stale.engine, space, ["heard"]);
    expect((await stale.engine.read(space).stats()).memories).toBe(3);
  });

  test("is moved when it is empty, when nobody ever wrote to it, and when it is the default one", async () => {
    const empty = await makeSpace();
    await servers[0].engine.create(empty.id);
    const untouched = await makeSpace();
    const first = (await servers[0].directory.resolve("default"))!;
    for (const { id } of [empty, untouched, first]) {
      await moveSpace(two.mover(), id, "second");
      await isHeard();
      expect((await servers[0].engine.read(id).stats()).memories).toBe(0);
      const stored = await store(servers[0].engine, id, ["the first memory"]);
      expect(await idsOf(servers[1].engine, id)).toEqual(stored);
      expect(await servers[1].engine.check(id)).toEqual([]);
      expect(await rowsIn(two.first, id)).toBe(0);
    }
  });

  test("stays where it is when a move is abandoned, and can be moved again", async () => {
    const { id: space } = await makeSpace();
    const ids = [...(await store(servers[0].engine, space, ["one", "two"]))];
    const broken = new AbortController();
    const stop = ({ table }: MoveProgress): void => {
      if (table === "memory_tags" || table === "docs") broken.abort();
    };
    await expect(moveSpace(two.mover({ signal: broken.signal, told: stop }), space, "second")).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(await rowsIn(two.second, space)).toBeGreaterThan(0);
    await expect(moveSpace(two.mover(), space, null)).rejects.toMatchObject({ code: "request.invalid" });
    await expect(servers[0].directory.remove(space)).rejects.toMatchObject({ code: "storage.busy" });

    expect(await abandonMove(two.mover(), space)).toBe(true);
    expect(await abandonMove(two.mover(), space)).toBe(false);
    expect(await rowsIn(two.second, space)).toBe(0);
    ids.push(...(await store(servers[0].engine, space, ["three"])));
    expect(await idsOf(servers[1].engine, space)).toEqual(ids);

    await moveSpace(two.mover(), space, "second");
    await isHeard();
    ids.push(...(await store(servers[0].engine, space, ["four"])));
    expect(await idsOf(servers[1].engine, space)).toEqual(ids);
    await servers[1].engine.drop(space);
    await servers[1].directory.remove(space);
    expect(await rowsIn(two.second, space)).toBe(0);
  });

  test("lets writers in again when the directory fails at the switch, whether it was made or not", async () => {
    const { id: space } = await makeSpace();
    const ids = [...(await store(servers[0].engine, space, ["one"]))];
    for (const isMade of [false, true]) {
      const { directory } = two.mover();
      const failing: SpaceDirectory = {
        ...directory,
        advanceMove: async (before, step) => {
          if (step.kind !== "switch") return directory.advanceMove(before, step);
          if (isMade) await directory.advanceMove(before, step);
          throw new CairnError("storage.unavailable", "The directory is away.");
        },
      };
      const failed = moveSpace(two.mover({ directory: failing }), space, "second");
      await expect(failed).rejects.toMatchObject({ code: "storage.unavailable" });
      expect((await directory.resolve(space))?.move?.phase).toBe(isMade ? "clearing" : "copying");
      if (!isMade) ids.push(...(await store(servers[0].engine, space, ["two"])));
    }
    await moveSpace(two.mover(), space, "second");
    ids.push(...(await store(servers[1].engine, space, ["three"])));
    await isHeard();
    expect(await idsOf(servers[0].engine, space)).toEqual(ids);
  });

  test("is moved once by movers that start together; whoever was overtaken says so", async () => {
    const { id: space } = await makeSpace();
    const ids = await store(
      servers[0].engine,
      space,
      Array.from({ length: 50 }, (_, n) => `memory ${n}`),
    );
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => moveSpace(two.mover(), space, "second")));
    for (const one of outcomes)
      if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "storage.busy" });
    await moveSpace(two.mover(), space, "second");
    await isHeard();
    expect(await idsOf(servers[0].engine, space)).toEqual(ids);
    expect(await servers[1].engine.check(space)).toEqual([]);
    expect(await rowsIn(two.first, space)).toBe(0);
  });

  test("is not moved to where it cannot be: the same database under another name, or tables of another version", async () => {
    const { id: space } = await makeSpace();
    const ids = await store(servers[0].engine, space, ["here"]);
    const mover = two.mover();
    await using cells = new AsyncDisposableStack();
    const twin = openCell({ name: "twin", url: two.first.url });
    cells.defer(twin.close);
    const cellOf = (name: string | null) => (name === "twin" ? twin : mover.cellOf(name));
    await expect(moveSpace({ ...mover, cellOf }, space, "twin")).rejects.toThrow("the same database");
    await two.second.run("INSERT INTO cairn.migrations (id, name) VALUES (99, 'from the future')");
    try {
      await expect(moveSpace(mover, space, "second")).rejects.toMatchObject({ code: "config.invalid" });
    } finally {
      await two.second.run("DELETE FROM cairn.migrations WHERE id = 99");
    }
    expect(await mover.directory.resolve(space)).toMatchObject({ cell: null, move: null, epoch: 0 });
    expect(await idsOf(servers[0].engine, space)).toEqual(ids);
  });
});
