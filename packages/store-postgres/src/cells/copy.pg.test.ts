import { randomUUID } from "node:crypto";
import { insertOf, makeRows, tablesInOrder } from "@cairn/testing/postgres/fill-tables";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { newId } from "@cairn/kernel/id";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrateMemory } from "../migrate.ts";
import { type Catalog, readCatalog } from "./catalog.ts";
import { type Cell, openCell } from "./cell.ts";
import { clearSpace } from "./clear.ts";
import { type Copying, copyRound, verifyRows } from "./copy.ts";
import { leave, takeUp } from "./hold.ts";

const describe = await postgresOrSkip();

describe("ENG-8 copying a space", () => {
  let databases: readonly [TestDatabase, TestDatabase];
  let cells: readonly [Cell, Cell];
  let catalog: Catalog;
  beforeAll(async () => {
    databases = [await makeDatabase(), await makeDatabase()];
    for (const { url } of databases) await migrateMemory({ url });
    cells = [openCell({ name: "one", url: databases[0].url }), openCell({ name: "other", url: databases[1].url })];
    catalog = await readCatalog(cells[0].pool);
  });
  afterAll(async () => {
    await Promise.all(cells.map((cell) => cell.close()));
    await Promise.all(databases.map((database) => database.drop()));
  });

  const run = (sql: string) => databases[0].run(`SET search_path = cairn, public; ${sql}`);
  /** All rows of the tables that move, as text. */
  const rowsOf = async (database: TestDatabase, space: string) => {
    const texts = catalog.tables.map(
      ({ name }) => `SELECT '${name}' AS name, t::text AS row FROM cairn.${name} t WHERE space = '${space}'`,
    );
    const state = `SELECT 'space_state', ROW(${catalog.state.join(", ")})::text FROM cairn.space_state WHERE space = '${space}'`;
    return database.run<{ name: string; row: string }>(`${[...texts, state].join(" UNION ALL ")} ORDER BY 1, 2`);
  };
  const isCopied = async (space: string): Promise<void> =>
    expect(await rowsOf(databases[1], space)).toEqual(await rowsOf(databases[0], space));
  const onceASpace = new Set(["space_state", "large_spaces"]);
  /** A space with rows 1 to `count` in every table there is. */
  const fill = async (space: string, count: number): Promise<void> => {
    const statements: string[] = [];
    for (let n = 1; n <= count; n++) {
      const fixed = { space: `'${space}'`, part: "0", fence: "0", mover: "NULL", row: String(n), analyzer: "'1'" };
      const rows = (await makeRows(databases[0], "cairn", n, fixed)).filter(
        ({ table }) => n === 1 || !onceASpace.has(table),
      );
      statements.push(...rows.map(insertOf));
    }
    await run(statements.join("; "));
  };
  const begin = async (space: string): Promise<Copying> => {
    const mover = randomUUID();
    const [source, target] = [
      { cell: cells[0], space, mover },
      { cell: cells[1], space, mover },
    ];
    await takeUp(source, "source", 1_000);
    await takeUp(target, "target", 1_000);
    return { source, target, catalog, signal: new AbortController().signal, told: () => undefined };
  };

  test("every table of the schema either moves or is one that each database makes for itself", async () => {
    const known = ["space_state", ...[...catalog.tables, ...catalog.own].map(({ name }) => name)];
    expect(known.toSorted()).toEqual((await tablesInOrder(databases[0], "cairn")).toSorted());
    expect(catalog.own.map(({ name }) => name).toSorted()).toEqual(
      ["entered", "large_counts", "large_spaces", "nearest", "postings", "term_counts"].toSorted(),
    );
    expect(catalog.state).toContain("seq");
    expect(catalog.state).not.toContain("part");
    const order = catalog.tables.map(({ name }) => name);
    expect(order.indexOf("memories")).toBeLessThan(order.indexOf("relations"));
    expect(order.indexOf("docs")).toBeLessThan(order.indexOf("q8"));
  });

  test("takes every row of every table along, and only those of the space", async () => {
    const [space, other] = [newId(), newId()];
    await fill(space, 3);
    await fill(other, 2);
    const copying = await begin(space);
    const round = await copyRound(copying, null);
    await isCopied(space);
    expect(round.rows).toBe(3 * catalog.tables.length);
    expect(round.copied).toBe(round.rows);
    expect(await databases[1].run(`SELECT space FROM cairn.space_state WHERE space = '${other}'`)).toEqual([]);
    await verifyRows(copying, round);
    expect((await copyRound(copying, round)).copied).toBe(0);
    // Another mover finds all of it there.
    expect((await copyRound(await begin(space), null)).copied).toBe(0);
  });

  test("follows what is written, changed and removed, in texts and numbers of every kind", async () => {
    const space = newId();
    await fill(space, 4);
    const copying = await begin(space);
    let round = await copyRound(copying, null);
    const texts = ["\u{10FFFE}0", 'quotes " and \\ and \n\t\u0001', "{}[],null", "é\u0301 🪨", ""];
    for (const [at, text] of texts.entries()) {
      const literal = `convert_from('\\x${Buffer.from(text).toString("hex")}', 'UTF8')`;
      await run(
        `UPDATE memories SET content = ${literal}, tags = ARRAY[${literal}, NULL, 'x'] WHERE space = '${space}' AND row = ${(at % 4) + 1}`,
      );
      round = await copyRound(copying, round);
      await isCopied(space);
    }
    for (const value of ["'NaN'", "'-Infinity'", "'-0'", "0.1 + 0.2", "5e-324", "1.7976931348623157e308"]) {
      await run(`UPDATE memories SET importance = ${value} WHERE space = '${space}' AND row = 2`);
      round = await copyRound(copying, round);
      await isCopied(space);
    }
    await run(
      `UPDATE q8 SET bytes = '\\x00ff5c22' WHERE space = '${space}'; UPDATE docs SET entry = NULL WHERE space = '${space}' AND n = 2`,
    );
    await run(
      `DELETE FROM late_vectors WHERE space = '${space}'; DELETE FROM memories WHERE space = '${space}' AND row = 3`,
    );
    await run(`UPDATE space_state SET seq = 77, model = NULL, next_generation = 9 WHERE space = '${space}'`);
    round = await copyRound(copying, round);
    await isCopied(space);
    await verifyRows(copying, round);
    expect((await copyRound(copying, round)).copied).toBe(0);
  });

  test("copies what another row held before, in whatever order the rows come", async () => {
    const space = newId();
    await fill(space, 5);
    await run(`UPDATE memories SET state = 0, key = 'key ' || row WHERE space = '${space}'`);
    const copying = await begin(space);
    const round = await copyRound(copying, null);
    await run(`
      UPDATE memories SET key = NULL WHERE space = '${space}' AND row IN (1, 4);
      UPDATE memories SET key = 'key 1' WHERE space = '${space}' AND row = 4;
      UPDATE memories SET key = 'key 4' WHERE space = '${space}' AND row = 1;
      UPDATE names SET hash = '${randomUUID()}' WHERE space = '${space}' AND id = 5;
      UPDATE names SET hash = '00000000-0000-4000-8000-000000000005' WHERE space = '${space}' AND id = 2`);
    const next = await copyRound(copying, round);
    await isCopied(space);
    await verifyRows(copying, next);
    expect((await copyRound(copying, next)).copied).toBe(0);
  });

  test("goes through more rows than one portion takes, and copies again only where something was written", async () => {
    const space = newId();
    await fill(space, 1);
    await run(`
      INSERT INTO changes SELECT '${space}', n, 'r', n, 'c', n, 'add', 's' || n, 1, 'p', 'a', NULL, NULL FROM generate_series(2, 4500) n;
      INSERT INTO session_messages SELECT '${space}', 'session ' || n % 7, n, 'user', repeat('x', 90000), n, true, 'i' FROM generate_series(2, 250) n`);
    const copying = await begin(space);
    const round = await copyRound(copying, null);
    await isCopied(space);
    const ranges = round.ranges.get("changes") ?? [];
    expect(ranges.map(({ count }) => count)).toEqual([1_000, 1_000, 1_000, 1_000, 500]);
    // Portions of long rows are of fewer.
    expect(Math.max(...(round.ranges.get("session_messages") ?? []).map(({ count }) => count))).toBeLessThan(100);
    await run(
      `UPDATE changes SET fields = 'x' WHERE space = '${space}' AND seq = 1500; INSERT INTO changes SELECT '${space}', n, 'r', n, 'c', n, 'add', 's', 1, 'p', 'a', NULL, NULL FROM generate_series(4501, 6000) n`,
    );
    const next = await copyRound(copying, round);
    expect(next.copied).toBe(1_000 + 2_000);
    await isCopied(space);
    expect((await copyRound(copying, next)).copied).toBe(0);
  });

  test("notices what somebody else changed where the space arrives, and mends it", async () => {
    const space = newId();
    await fill(space, 3);
    const copying = await begin(space);
    const round = await copyRound(copying, null);
    await databases[1].run(`UPDATE cairn.memories SET content = 'not this' WHERE space = '${space}' AND row = 2`);
    await expect(verifyRows(copying, round)).rejects.toThrow("memories");
    await databases[1].run(`DELETE FROM cairn.docs WHERE space = '${space}' AND n = 1`);
    const again = await begin(space);
    await verifyRows(again, await copyRound(again, null));
    await isCopied(space);
    // The one that was overtaken writes nothing more.
    await run(`UPDATE memories SET content = 'later' WHERE space = '${space}'`);
    await expect(copyRound(copying, round)).rejects.toMatchObject({ code: "storage.busy" });
  });

  test("removes all of it where the space has left, what the database made for itself too, and nothing of others", async () => {
    const [space, other] = [newId(), newId()];
    await fill(space, 2);
    await fill(other, 1);
    await run(
      `UPDATE space_state SET part = 7 WHERE space = '${space}'; UPDATE nearest SET part = 7 WHERE space = '${space}'`,
    );
    const { source } = await begin(space);
    await leave(source);
    await clearSpace(source, catalog);
    expect(await clearSpace(source, catalog)).toBe(0);
    for (const table of await tablesInOrder(databases[0], "cairn")) {
      const counted = await databases[0].run<{ ours: string; theirs: string }>(
        `SELECT count(*) FILTER (WHERE space = '${space}') AS ours, count(*) FILTER (WHERE space = '${other}') AS theirs FROM cairn.${table}`,
      );
      expect(counted, table).toEqual([{ ours: table === "space_state" ? "1" : "0", theirs: "1" }]);
    }
  });
});
