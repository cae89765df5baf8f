import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { empty, makeTwoSpaces, ours, theirs, type TwoSpaces } from "@cairn/testing/postgres/two-spaces";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, type PoolOptions } from "../connection/pool.ts";
import { appRole, memorySchema } from "../connection/roles.ts";

const describe = await postgresOrSkip();

interface SpaceRow {
  readonly space: string;
}

describe("rows of two spaces in every table, asked for through the pool", () => {
  let spaces: TwoSpaces;
  beforeAll(async () => {
    spaces = await makeTwoSpaces();
  });
  afterAll(() => spaces[Symbol.asyncDispose]());

  const open = (options: Partial<PoolOptions> = {}) => {
    const searchPath = [memorySchema, "public"];
    const pool = openPool({ url: spaces.url, role: appRole, searchPath, name: "test", most: 1, ...options });
    return { ...pool, [Symbol.asyncDispose]: () => pool.close() };
  };
  const seen = async (
    pool: ReturnType<typeof open>,
    space: string | null,
    table: string,
  ): Promise<readonly string[]> => {
    const rows = await pool.transaction({ space }, ({ query }) => query<SpaceRow>(`SELECT space FROM ${table}`));
    return [...new Set(rows.map((row) => row.space))];
  };

  test("ENG-2 on one connection each transaction sees the space that it bound, in every table", async () => {
    await using pool = open();
    for (const table of spaces.tables) {
      expect(await seen(pool, theirs, table), table).toEqual([theirs]);
      expect(await seen(pool, null, table), table).toEqual([]);
      expect(await seen(pool, ours, table), table).toEqual([ours]);
      expect(await seen(pool, empty, table), table).toEqual([]);
      expect(await pool.use(({ query }) => query(`SELECT space FROM ${table}`)), table).toEqual([]);
    }
  });

  test("ENG-2 a space that a statement set for its session is forgotten, in every table", async () => {
    await using pool = open();
    const spoil = "SELECT set_config('app.space', $1, false)";
    for (const table of spaces.tables) {
      await pool.transaction({ space: ours }, ({ query }) => query(spoil, [theirs]));
      expect(await seen(pool, null, table), table).toEqual([]);
      await pool.use(({ query }) => query(spoil, [theirs]));
      expect(await seen(pool, ours, table), table).toEqual([ours]);
      expect(await pool.use(({ query }) => query(`SELECT space FROM ${table}`)), table).toEqual([]);
    }
  });

  test("ENG-2 transactions of many at once, some of which fail, see only their own", async () => {
    await using pool = open({ most: 3 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, at) => {
        const space = at % 2 === 0 ? ours : theirs;
        const table = spaces.tables[at % spaces.tables.length]!;
        if (at % 5 === 0) {
          const failing = pool.transaction({ space }, ({ query }) => query("SELECT 1 / $1::int", [0]));
          await failing.catch(() => undefined);
        }
        return (await seen(pool, space, table)).join() === space;
      }),
    );
    expect(answers.filter((isRight) => !isRight)).toEqual([]);
  });

  test("ENG-2 a transaction within another has a connection and a space of its own", async () => {
    await using pool = open({ most: 2 });
    const [outer, inner] = await pool.transaction({ space: ours }, async ({ query }) => {
      const inside = await seen(pool, theirs, "docs");
      return [await query<SpaceRow>("SELECT space FROM docs"), inside] as const;
    });
    expect([outer.map(({ space }) => space), inner]).toEqual([[ours], [theirs]]);
  });

  test("ENG-2 a row of another space is not written, and nothing of the transaction is kept", async () => {
    await using pool = open();
    const [mine, foreign] = [await spaces.rowsOf(ours, 7), await spaces.rowsOf(theirs, 7)];
    const writing = pool.transaction({ space: ours }, async ({ change }) => {
      await change(mine.get("docs")!);
      await change(foreign.get("docs")!);
    });
    await expect(writing).rejects.toMatchObject({ cause: { code: "42501" } });
    expect(await spaces.database.run("SELECT FROM cairn.docs WHERE n = 7")).toEqual([]);
  });
});
