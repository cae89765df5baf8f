/** How a space becomes large and stops being it: beside writers, broken off and gone on with, and without a trace. */
import type { Engine } from "@cairn/memory/space/engine";
import { alice, itemOf } from "@cairn/testing/engine/world";
import { makeFakeEmbedder } from "@cairn/testing/fake-embedder";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { openPool } from "../../connection/pool.ts";
import { appRole, memorySchema } from "../../connection/roles.ts";
import { isolationFaults } from "../../isolation/isolation-faults.fixture.ts";
import { withMigrationSession } from "../../migrations/migration-session.ts";
import { beginLarge, fillPortion } from "./fill.ts";
import {
  asking,
  drafts,
  missedIn,
  largeFrom,
  type LargeWorld,
  makeLargeWorld,
  rowsOf,
} from "@cairn/testing/postgres/large-world";
import { makePartition, nearestTable } from "./partition.ts";

const describe = await postgresOrSkip();

const poolOf = ({ database }: LargeWorld) =>
  openPool({
    url: database.url,
    role: appRole,
    searchPath: [memorySchema, "public"],
    name: "test",
    byIndex: true,
    most: 2,
  });

const contents = async (engine: Engine, space: string, query: string): Promise<readonly string[]> => {
  const { hits } = await asking(engine, space, query);
  return hits.flatMap((hit) => (hit.type === "memory" ? [hit.memory.content] : []));
};

describe("moving a space that has grown large", () => {
  test("ENG-3 misses nothing of what is written, changed and forgotten meanwhile", async () => {
    await using world = await makeLargeWorld();
    const [one, other] = [world.open(), world.open()];
    const ids = await world.store(one, drafts(largeFrom - 1));
    const writer = other.write(world.space, alice);
    const moved = world.moved();
    const going = new AbortController();
    void moved.then(() => going.abort());
    const change = async (): Promise<void> => {
      for (let at = 0; !going.signal.aborted || at < 20; at++) {
        const id = ids[(at * 7) % ids.length]!;
        const { fields, vectors } = await itemOf(`corrected w${at}x w9x`);
        // What has been forgotten or corrected before is refused.
        await (
          at % 3 === 0
            ? writer.forget(id, { purge: at % 2 === 0 })
            : at % 3 === 1
              ? writer.correct({ originalId: id, fields: { content: fields.content }, vectors })
              : writer.update({ id, fields: { tags: [`tag${at % 5}`] } })
        ).catch(() => undefined);
        await writer.remember([await itemOf(`beside the move w${at}x`)], false);
      }
    };
    await Promise.all([
      world.store(
        one,
        drafts(300, () => ({}), 7),
      ),
      change(),
      moved,
    ]);
    expect(await missedIn(world)).toEqual([]);
    expect(await contents(other, world.space, "beside the move w3x")).toContain("beside the move w3x");
  }, 60_000);

  test("ENG-3 goes on where it was broken off, after each of its steps", async () => {
    await using world = await makeLargeWorld();
    const idle = world.open({ ownerUrl: null });
    await world.store(idle, drafts(1_600));
    const pool = poolOf(world);
    try {
      // The partition is there, and nobody knows.
      const part = await withMigrationSession(world.database.url, (session) => makePartition(session, world.space));
      expect(await withMigrationSession(world.database.url, (session) => makePartition(session, world.space))).toBe(
        part,
      );
      await beginLarge(pool, world.space, part);
      await fillPortion(pool, world.space);
      await world.store(
        idle,
        drafts(50, () => ({}), 3),
      );
      // Not yet: a projection answers.
      expect(await asking(idle, world.space, "w3x")).toMatchObject({ partial: false });
      await world.database.run(`
        SET search_path = cairn, public; CREATE INDEX ${nearestTable(world.space)}_g1 ON ${nearestTable(world.space)}
          USING hnsw ((vector::halfvec(64)) halfvec_cosine_ops) WHERE generation = 1;
        UPDATE pg_index SET indisvalid = false WHERE indexrelid = '${nearestTable(world.space)}_g1'::regclass`);
      const server = world.open();
      await asking(server, world.space, "w3x");
      await world.moved();
      expect(await missedIn(world)).toEqual([]);
      expect(await asking(server, world.space, "w3x")).toMatchObject({ partial: true });
    } finally {
      await pool.close();
    }
  }, 60_000);

  test("EMB-6 follows a change of model, and keeps no vector of the one before", async () => {
    await using world = await makeLargeWorld();
    const engine = world.open();
    await world.store(engine, drafts(1_550));
    await world.moved();
    const next = makeFakeEmbedder(24);
    const writer = engine.write(world.space, alice);
    await writer.prepareModel(next.model);
    for (;;) {
      const missing = await engine.read(world.space).missingVectors(400, next.model.id);
      if (missing.length === 0) break;
      const vectors = await next.embedPassages(missing.map(({ passage }) => passage));
      await writer.setVectors(
        next.model.id,
        missing.map(({ document }, at) => ({ document, vectors: vectors[at] ?? [] })),
      );
    }
    expect(await missedIn(world)).toEqual([]);
    expect(await writer.switchModel(next.model.id)).toBe(true);
    const ask = async () =>
      asking(engine, world.space, "w3x w40x", {
        vector: await next.embedQuery("w3x w40x"),
        vectorModel: next.model.id,
      });
    // Until the new index is there, a projection answers, and asks for the index.
    expect(await ask()).toMatchObject({ partial: false });
    await world.moved();
    expect(await ask()).toMatchObject({ partial: true, model: { dimensions: 24 } });
    await engine.close();
    expect(await missedIn(world)).toEqual([]);
  }, 60_000);

  test("MEM-9 what is purged leaves no trace, and a dropped space none at all", async () => {
    await using world = await makeLargeWorld();
    const engine = world.open();
    const ids = await world.store(engine, [
      ...drafts(1_550),
      { content: "a secretword that nobody else uses", tags: ["secrettag"] },
    ]);
    await world.moved();
    expect(await contents(engine, world.space, "secretword")).toContain("a secretword that nobody else uses");
    const before = await rowsOf(world);
    await engine.write(world.space, alice).forget(ids.at(-1)!, { purge: true });
    const after = await rowsOf(world);
    expect(after["entered"]).toBe(before["entered"]! - 1);
    expect(after["nearest"]).toBe(before["nearest"]! - 1);
    expect(after["term_counts"]).toBeLessThan(before["term_counts"]!);
    expect(await missedIn(world)).toEqual([]);
    const faults = () => isolationFaults((sql) => world.database.run<{ fault: string }>(sql));
    expect(await faults()).toEqual([]);
    await engine.drop(world.space);
    expect(Object.values(await rowsOf(world))).toEqual([0, 0, 0, 0, 0, 0]);
    const tables = await world.database.run(`SELECT FROM pg_class WHERE relname LIKE '${nearestTable(world.space)}%'`);
    expect(tables).toHaveLength(0);
  }, 60_000);

  test("ENG-3 a projection takes over once it has been read, as long as there is room", async () => {
    await using world = await makeLargeWorld();
    const engine = world.open();
    await world.store(engine, drafts(1_550));
    await world.moved();
    const server = world.open({ projectLarge: true });
    const cramped = world.open({ projectLarge: true, indexBytes: 1_000 });
    expect(await asking(server, world.space, "w3x")).toMatchObject({ partial: true });
    await expect.poll(async () => (await asking(server, world.space, "w3x")).partial).toBe(false);
    for (let at = 0; at < 5; at++) expect(await asking(cramped, world.space, "w3x")).toMatchObject({ partial: true });
  }, 60_000);
});
