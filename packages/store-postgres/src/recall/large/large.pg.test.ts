/**
 * The answers to large spaces' questions from the database, against those of projections, which look at every document.
 * Both are asked through engines: one that reads no large space into memory, one to which no space is large.
 */
import type { RecallAnswer, RecallQuery } from "@cairn/memory/recall/query";
import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "@cairn/memory/space/engine";
import { openPool } from "../../connection/pool.ts";
import { appRole, memorySchema } from "../../connection/roles.ts";
import { faultsOf, genericPlan, nodesOf } from "../../fixtures/plans.ts";
import { nearestSql, postingsSql, searchSettings, sorting } from "./candidates.ts";
import {
  asking,
  drafts,
  type LargeWorld,
  makeLargeWorld,
  missedIn,
  seeded,
  textOf,
} from "@cairn/testing/postgres/large-world";
import { nearestTable } from "./partition.ts";
import { documentsSql, neighboursSql } from "./read-found.ts";
import { largeStateSql } from "./recall-large.ts";

const describe = await postgresOrSkip();

const idsOf = ({ hits }: RecallAnswer): readonly string[] =>
  hits.map((hit) => (hit.type === "memory" ? hit.memory.id : hit.chunk.chunkId));
const questions = (count: number, seed = 99): readonly string[] => {
  const next = seeded(seed);
  return Array.from({ length: count }, () => textOf(next, 3 + Math.floor(next() * 4)));
};

interface Compared {
  /** The mean share of the projection's hits that the database found. */
  readonly found: number;
  /** The largest difference between the similarities of a hit in both. */
  readonly differs: number;
}

const compare = async (
  left: Engine,
  right: Engine,
  space: string,
  asked: readonly string[],
  more: Partial<RecallQuery> = {},
): Promise<Compared> => {
  let [sum, differs] = [0, 0];
  for (const query of asked) {
    const some = await asking(left, space, query, more);
    const all = await asking(right, space, query, more);
    expect(some.hits).toHaveLength(all.hits.length);
    const known = new Map(idsOf(all).map((id, at) => [id, all.hits[at]!.similarity] as const));
    const both = idsOf(some).filter((id) => known.has(id));
    sum += known.size === 0 ? 1 : both.length / known.size;
    for (const [at, id] of idsOf(some).entries())
      differs = Math.max(differs, Math.abs(some.hits[at]!.similarity - (known.get(id) ?? some.hits[at]!.similarity)));
  }
  return { found: sum / asked.length, differs };
};

describe("a space of plain memories that grows large", () => {
  let world: LargeWorld;
  let database: Engine;
  let projection: Engine;
  beforeAll(async () => {
    world = await makeLargeWorld();
    const engine = world.open();
    await world.store(
      engine,
      drafts(2_000, (at) => ({
        tags: [`tag${at % 40}`, ...(at % 2 === 0 ? ["even"] : [])],
        author: at % 25 === 0 ? "Ada Byron" : null,
        category: at % 3 === 0 ? "fact" : null,
        key: at === 77 ? "the-one" : null,
      })),
    );
    await world.moved();
    // Other servers, which have read nothing yet.
    database = world.open();
    projection = world.open({ largeFrom: 1e9 });
  }, 60_000);
  afterAll(() => world[Symbol.asyncDispose]());

  test("ENG-3 is moved by itself, with nothing missed", async () => {
    expect(await missedIn(world)).toEqual([]);
  });

  test("ENG-3 is answered from the database as from memory, and says that it looked at some only", async () => {
    const { found, differs } = await compare(database, projection, world.space, questions(30));
    expect(found).toBeGreaterThanOrEqual(0.99);
    expect(differs).toBeLessThan(1e-6);
    expect(await asking(database, world.space, "w1x w50x")).toMatchObject({ partial: true });
    expect(await asking(projection, world.space, "w1x w50x")).toMatchObject({ partial: false });
  });

  test("REC-2 filters let through in the database what they do in memory, to the last hit", async () => {
    const asked = questions(4, 5);
    for (const more of [
      { tags: ["tag7"] },
      { tags: ["tag7", "tag8"], tagsMode: "any" },
      { tags: ["tag8", "even"], tagsMode: "all" },
      { author: "ada byron" },
      { key: "the-one" },
      { tags: ["tag7"], category: "fact" },
      { tags: ["nobody has it"] },
    ] as const) {
      const { found, differs } = await compare(database, projection, world.space, asked, { ...more, limit: 60 });
      expect({ more, found }).toEqual({ more, found: 1 });
      expect(differs).toBeLessThan(1e-6);
      expect(await asking(database, world.space, asked[0]!, more)).toMatchObject({ partial: false });
    }
  });

  test("REC-2 what only a look at every document can answer waits for one", async () => {
    for (const more of [
      { category: "fact" },
      { after: 0 },
      { asOf: Date.now() },
      { limit: 100 },
      { includeQuarantined: true },
    ] as const) {
      const some = await asking(database, world.space, "w3x w9x", more);
      expect(some).toMatchObject({ partial: false });
      expect(idsOf(some)).toEqual(idsOf(await asking(projection, world.space, "w3x w9x", more)));
    }
  });

  test("ENG-3 no statement reads a table from end to end, and each goes by the index that was made for it", async () => {
    const pool = openPool({
      url: world.database.url,
      role: appRole,
      searchPath: [memorySchema, "public"],
      name: "plans",
      byIndex: true,
      most: 1,
    });
    const planned = (sql: string, keyed = true) =>
      pool.transaction({ space: world.space, readOnly: true }, async (connection) => {
        await connection.query(searchSettings);
        const plan = await genericPlan(connection, sql);
        expect(faultsOf(plan, keyed)).toEqual([]);
        return nodesOf(plan).map((node) => `${node["Node Type"]} ${node["Index Name"] ?? ""}`);
      });
    try {
      const [{ part } = { part: 0 }] = await world.database.run<{ part: number }>(
        `SELECT part FROM cairn.space_state WHERE space = '${world.space}'`,
      );
      expect(await planned(postingsSql)).toContain("Index Scan postings_pkey");
      expect(await planned(documentsSql)).toContain("Index Scan docs_pkey");
      expect(await planned(neighboursSql)).toContain("Index Only Scan entered_session");
      // Two rows a space at most.
      await planned(largeStateSql, false);
      const nearest = await pool.transaction({ space: world.space, readOnly: true }, async (connection) => {
        await Promise.all([connection.query(searchSettings), connection.query(sorting, ["off"])]);
        return nodesOf(await genericPlan(connection, nearestSql(world.space, part, 1, 64)));
      });
      expect(nearest.map((node) => node["Index Name"]).filter(Boolean)).toEqual([`${nearestTable(world.space)}_g1`]);
      expect(nearest.map((node) => node["Node Type"])).not.toContain("Sort");
    } finally {
      await pool.close();
    }
  });

  test("ENG-3 a question without words is answered by its vector, one without a vector by its words", async () => {
    expect((await asking(database, world.space, "unheard")).hits).toHaveLength(10);
    const wordsOnly = { vector: new Float32Array(64) };
    const { found } = await compare(database, projection, world.space, questions(10, 3), wordsOnly);
    expect(found).toBeGreaterThanOrEqual(0.99);
  });
});

describe("a large space of conversations", () => {
  test("ENG-3 lends context, replies and sessions to what the database finds", async () => {
    await using world = await makeLargeWorld();
    const engine = world.open();
    await world.store(
      engine,
      drafts(1_800, (at, next) => ({
        ...(at % 3 === 2
          ? {}
          : { sessionId: `s${Math.floor(at / 24)}`, sessionSeq: at, author: at % 2 === 0 ? "Ann" : "Bob" }),
        ...(at % 100 === 1 ? { expiresAt: 1, tags: ["expired"] } : {}),
        content: `${textOf(next, 4 + Math.floor(next() * 10))}${at % 5 === 0 ? "?" : ""}`,
      })),
    );
    await world.moved();
    expect(await missedIn(world)).toEqual([]);
    const [database, projection] = [world.open(), world.open({ largeFrom: 1e9 })];
    const { found, differs } = await compare(database, projection, world.space, questions(25), { context: 2 });
    expect(found).toBeGreaterThanOrEqual(0.95);
    expect(differs).toBeLessThan(0.02);
    const inSession = await compare(database, projection, world.space, questions(5), { sessionId: "s7", limit: 60 });
    expect(inSession.found).toBe(1);
    expect(inSession.differs).toBeLessThan(0.02);
    // What has expired is not found, though it counts until it is swept.
    expect((await asking(database, world.space, "w1x", { tags: ["expired"] })).hits).toEqual([]);
  }, 60_000);
});
