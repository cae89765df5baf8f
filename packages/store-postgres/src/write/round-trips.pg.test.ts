import { wallClock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import type { Actor } from "@cairn/memory/space/engine";
import { rememberAll } from "@cairn/memory/write/remember";
import { update } from "@cairn/memory/write/revise";
import { makeNote } from "@cairn/testing/audit-note";
import { alice, embed, engineEmbedder, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { type Connection, openPool, type PostgresPool } from "../connection/pool.ts";
import { appRole, memorySchema } from "../connection/roles.ts";
import { migrateMemory } from "../migrate.ts";
import { write, type Writing } from "./run-rule.ts";

const describe = await postgresOrSkip();

/** Counts how often something was sent when nothing was on its way: each time an answer had been waited for. */
const counting = (pool: PostgresPool) => {
  let trips = 0;
  const counted = (connection: Connection): Connection => {
    let underWay = 0;
    const noted = async <T>(send: () => Promise<T>): Promise<T> => {
      if (underWay++ === 0) trips++;
      try {
        return await send();
      } finally {
        underWay--;
      }
    };
    return {
      ...connection,
      query: (sql, values) => noted(() => connection.query(sql, values)),
      change: (sql, values) => noted(() => connection.change(sql, values)),
    };
  };
  const transaction: PostgresPool["transaction"] = (options, work) =>
    pool.transaction(options, (connection) => work(counted(connection)));
  return {
    pool: { ...pool, transaction },
    take: () => {
      const taken = trips;
      trips = 0;
      return taken;
    },
  };
};

describe("round trips of a write", () => {
  test("ENG-2 one for the lock with what the rules ask for first, one for what they wrote", async () => {
    await using database = await makeDatabase();
    await migrateMemory({ url: database.url });
    const options = { role: appRole, searchPath: [memorySchema], name: "trips", most: 1 };
    const pool = openPool({ url: database.url, ...options });
    const trips = counting(pool);
    const writing: Writing = {
      pool: trips.pool,
      model: engineEmbedder.model,
      clock: wallClock,
      space: newId(),
      actor: alice,
    };
    const remember = async (content: string, actor: Actor = alice) => {
      const items = [await itemOf(content)];
      const [outcome] = await write({ ...writing, actor }, (context) => rememberAll(context, items));
      return memoryOf(outcome).id;
    };
    await remember("The first text makes the space");
    trips.take();
    const id = await remember("The otter swims upstream");
    expect(trips.take()).toBe(2);
    // A note for the audit goes with what is written.
    await remember("The otter sleeps", { ...alice, note: makeNote() });
    expect(trips.take()).toBe(2);
    const change = { id, fields: { content: "The otter swims downstream" }, vectors: await embed("downstream") };
    // eslint-disable-next-line require-yield
    await write(writing, function* (context) {
      return update(context, change);
    });
    // The memory is looked up first; only then is it known what else its change touches.
    expect(trips.take()).toBe(3);
    await pool.close();
  });
});
