import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contradictionsOf } from "./disputes.ts";
import { now, openReadDatabase, type ReadDatabase, type StoredSpace } from "./stored-space.fixture.ts";

const describe = await postgresOrSkip();

describe("what memories say of entities and of each other, from PostgreSQL", () => {
  let database: ReadDatabase;
  beforeAll(async () => {
    database = await openReadDatabase(await makeDatabase());
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const memory = (row: number, more: object = {}) => ({ row, id: `m${row}`, created_at: row, ...more });

  /** Ann knows Bob, Bob knows Cid, Dan knows Bob; Bob also goes by Bobby. */
  const makeFriends = async (): Promise<StoredSpace> => {
    const space = await database.makeSpace();
    await space.insert("memories", [
      memory(1),
      memory(2),
      memory(3, { quarantine: "override", quarantined_at: 1 }),
      memory(4, { expires_at: now }),
      memory(5),
    ]);
    const names = ["Ann", "Bob", "Cid", "Dan"];
    await space.insert(
      "entities",
      names.map((name, at) => ({ id: at + 1, norm: name.toLowerCase(), name })),
    );
    await space.insert("aliases", [{ norm: "bobby", entity: 2, memory: 1, name: "Bobby" }]);
    await space.insert("relations", [
      { source: 1, target: 2, memory: 1 },
      { source: 2, target: 3, memory: 2 },
      { source: 4, target: 2, memory: 2 },
    ]);
    await space.insert("mentions", [
      { entity: 1, memory: 1 },
      { entity: 2, memory: 1 },
      { entity: 2, memory: 2 },
      { entity: 3, memory: 2 },
      { entity: 3, memory: 3 },
      { entity: 3, memory: 4 },
      { entity: 3, memory: 5 },
    ]);
    return space;
  };

  test("MEM-8 finds entities by a part of a name or an alias, most mentioned first", async () => {
    const space = await makeFriends();
    const names = async (search: string, limit = 9) =>
      (await space.ask("entities", search, limit)).map(({ name }) => name);
    expect(await names("")).toEqual(["Cid", "Bob", "Ann", "Dan"]);
    expect(await names("", 2)).toEqual(["Cid", "Bob"]);
    expect(await space.ask("entities", "OBBY", 9)).toEqual([
      { name: "Bob", type: "other", mentions: 2, aliases: ["Bobby"] },
    ]);
    await space.insert("entities", [{ id: 9, norm: "100%_pure", name: "100%_Pure" }]);
    for (const sign of ["%", "_"]) expect(await names(sign)).toEqual(["100%_Pure"]);
    expect(await names("\\")).toEqual([]);
  });

  test("MEM-8 walks from a name over relations in both directions, as far as asked", async () => {
    const space = await makeFriends();
    const around = async (name: string, hops: number) =>
      (await space.ask("entityGraph", name, hops))?.entities.map((one) => [one.name, one.hops]);
    expect(await around("Ann", 0)).toEqual([["Ann", 0]]);
    expect(await around("Ann", 1)).toEqual([
      ["Ann", 0],
      ["Bob", 1],
    ]);
    const graph = await space.ask("entityGraph", "bobby", 5);
    expect(graph?.entities.map(({ name, hops, aliases }) => [name, hops, aliases])).toEqual([
      ["Bob", 0, ["Bobby"]],
      ["Ann", 1, []],
      ["Cid", 1, []],
      ["Dan", 1, []],
    ]);
    expect(graph?.relationships).toEqual([
      { source: "Ann", target: "Bob", type: "knows" },
      { source: "Bob", target: "Cid", type: "knows" },
      { source: "Dan", target: "Bob", type: "knows" },
    ]);
    expect(await space.ask("entityGraph", "Zoe", 2)).toBeNull();
  });

  test("MEM-8 gives the memories around a name, nearest first, then newest, none that is held back or over", async () => {
    const space = await makeFriends();
    const ids = async (hops: number, limit = 9) =>
      (await space.ask("entityMemories", "Ann", hops, limit)).map(({ id }) => id);
    expect(await ids(0)).toEqual(["m1"]);
    expect(await ids(1)).toEqual(["m1", "m2"]);
    expect(await ids(2)).toEqual(["m1", "m2", "m5"]);
    expect(await ids(2, 2)).toEqual(["m1", "m2"]);
  });

  test("MEM-12 counts against a memory what is live, trusted and not over, the first 32, and notes what is newer", async () => {
    const space = await database.makeSpace();
    const others = Array.from({ length: 40 }, (_, at) => at + 10);
    await space.insert("memories", [
      memory(5, { valid_until: now }),
      memory(6),
      memory(7, { state: 2 }),
      memory(8, { quarantine: "override", quarantined_at: 1 }),
      memory(9, { expires_at: now }),
      ...others.map((row) => memory(row)),
      memory(60),
    ]);
    const pairs = [
      ...[7, 8, 9].map((other) => [6, other] as const),
      ...others.map((other) => [60, other] as const),
      ...others.map((other) => [5, other] as const),
    ];
    await space.insert(
      "conflicts",
      pairs.map(([one, other]) => ({ memory: one, other })),
    );
    const firsts = others.slice(0, 32).map((row) => `m${row}`);
    expect(await space.ask("disputes", "m60", now)).toEqual({ conflicts: firsts, stale: false });
    expect(await space.ask("disputes", "m5", now - 1)).toEqual({ conflicts: firsts, stale: true });
    expect(await space.ask("disputes", "m6", now)).toEqual({ conflicts: [], stale: false });
    expect(await space.ask("disputes", "m10", now)).toEqual({ conflicts: [], stale: false });
    await space.insert("conflicts", [{ memory: 60, other: 5 }]);
    // The newer one may come after the first 32.
    await space.insert("memories", [memory(61)]);
    await space.insert("conflicts", [{ memory: 60, other: 61 }]);
    const told = await space.look((connection) => contradictionsOf(connection, space.id, [6, 60], now));
    expect(told.get(6)).toEqual({ conflicts: [], contradicted: false });
    expect(told.get(60)).toEqual({ conflicts: ["m5", ...firsts.slice(0, 31)], contradicted: true });
  });
});
