import { EventEmitter } from "node:events";
import { CairnError } from "@cairn/kernel/error";
import type { Connection, PostgresPool } from "@cairn/store-postgres/connection/pool";
import { describe, expect, test } from "vitest";
import { openChangeListener } from "./change-listener.ts";

/** A database whose notifications can be held back, and whose listening connection can be cut. */
const setUp = async (options: { readonly withinMs?: number } = {}) => {
  let delivers = true;
  let refused = 0;
  const clients: EventEmitter[] = [];
  const changes: string[] = [];
  const states: boolean[] = [];
  const turns = new EventEmitter();
  const tell = (payload: string): void => {
    if (delivers) for (const client of clients) client.emit("notification", { channel: "test", payload });
  };
  const pool: PostgresPool = {
    use: async (work) => {
      const client = Object.assign(new EventEmitter(), {
        query: async (sql: string) => {
          expect(sql).toBe("listen test");
          if (refused > 0) {
            refused -= 1;
            throw new CairnError("storage.unavailable", "Not now.");
          }
          clients.push(client);
        },
      });
      const query = async (_sql: string, values: readonly unknown[] = []) => {
        tell(String(values[1]));
        return [];
      };
      try {
        return await work({ client, query } as unknown as Connection);
      } finally {
        if (clients.includes(client)) clients.splice(clients.indexOf(client), 1);
      }
    },
    transaction: () => Promise.reject(new Error("unused")),
    figures: () => ({ connections: 0, idle: 0, waiting: 0 }),
    close: async () => undefined,
  };
  const listener = openChangeListener({
    pool,
    channel: "test",
    everyMs: 10,
    withinMs: options.withinMs ?? 5_000,
    onChange: (payload) => changes.push(payload),
    onHearing: (hearing) => {
      states.push(hearing);
      turns.emit(String(hearing));
    },
  });
  return {
    listener,
    clients,
    changes,
    states,
    tell,
    deliver: (now: boolean) => void (delivers = now),
    refuse: (times: number) => void (refused = times),
    turned: (hearing: boolean) => new Promise<void>((resolve) => void turns.once(String(hearing), resolve)),
    [Symbol.asyncDispose]: () => listener.close(),
  };
};

describe("OPS-5 hearing what other servers change", () => {
  test("begins when word that was sent has come back", async () => {
    await using setup = await setUp();
    expect(setup.states).toEqual([]);
    await setup.listener.hearing();
    expect(setup.states).toEqual([true]);
    setup.tell("spaces 1");
    await setup.listener.caughtUp();
    expect(setup.changes).toEqual(["spaces 1"]);
  });

  test("is over when word does not come in time, though the connection stands, and begins anew", async () => {
    await using setup = await setUp({ withinMs: 30 });
    await setup.listener.hearing();
    const lost = setup.turned(false);
    setup.deliver(false);
    await lost;
    const back = setup.turned(true);
    setup.deliver(true);
    await back;
    expect(setup.states).toEqual([true, false, true]);
  });

  test("never begins where notifications are not passed on", async () => {
    await using setup = await setUp({ withinMs: 15 });
    setup.deliver(false);
    const tries = new Set<EventEmitter>();
    while (tries.size < 3) {
      for (const client of setup.clients) tries.add(client);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(setup.states).toEqual([]);
    // Nothing is remembered meanwhile, so there is nothing to catch up with.
    await setup.listener.caughtUp();
  });

  test("is over at once when the connection is cut", async () => {
    await using setup = await setUp();
    await setup.listener.hearing();
    setup.clients[0]!.emit("error", new Error("cut"));
    expect(setup.states).toEqual([true, false]);
    setup.refuse(1);
    await setup.listener.hearing();
    expect(setup.states).toEqual([true, false, true]);
  });

  test("is over for one who waits for word that does not come", async () => {
    await using setup = await setUp({ withinMs: 30 });
    await setup.listener.hearing();
    setup.deliver(false);
    await setup.listener.caughtUp();
    expect(setup.states.slice(0, 2)).toEqual([true, false]);
  });

  test("ends when it is closed, and whoever waits is told", async () => {
    const setup = await setUp({ withinMs: 15 });
    setup.deliver(false);
    const [told] = await Promise.allSettled([setup.listener.hearing(), setup.listener.close()]);
    expect(told).toMatchObject({ status: "rejected", reason: { code: "storage.unavailable" } });
    expect(setup.clients).toEqual([]);
  });
});
