/** Servers and databases that are killed in the middle of their work. `CAIRN_CRASH_ROUNDS` sets another number. */
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import type { Engine } from "@cairn/memory/space/engine";
import { findLosses, nothingAcknowledged, runCrashRound } from "@cairn/testing/crash/crash-round";
import { meaningOf, textOf } from "@cairn/testing/crash/marked-text";
import { runModelRound } from "@cairn/testing/crash/model-round";
import { alice, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { makeServers } from "@cairn/testing/postgres/servers";
import { startPostgres } from "@cairn/testing/postgres/start-postgres";
import { until } from "./fixtures/until.ts";

const describe = await postgresOrSkip();
const rounds = Number(process.env["CAIRN_CRASH_ROUNDS"] ?? 2);
const modelRounds = Math.ceil(rounds / 2);

/** The sessions of servers that were killed end when the database notices, which may be after their last commit. */
const untilSessionsEnded = (database: TestDatabase) => () =>
  until(async () => {
    const sessions = await database.run(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cairn'",
    );
    return sessions.length === 0;
  });

describe("crashes of servers", () => {
  test(
    `OPS-5 TEN-8 servers that are killed lose nothing acknowledged, and no note of what they wrote, ${rounds} times`,
    async () => {
      await using servers = await makeServers();
      const { database } = servers;
      const spaces = [newId(), newId()];
      for (let round = 0; round < rounds; round++) {
        const livesMs = [Math.random() * 300, Math.random() * 300];
        const settled = untilSessionsEnded(database);
        const { acknowledged, losses } = await runCrashRound({ folder: database.url, spaces, round, livesMs, settled });
        expect(losses).toEqual([]);
        expect(acknowledged.stored.size).toBeGreaterThan(0);
      }
    },
    30_000 + rounds * 15_000,
  );

  test(
    `EMB-6 OPS-5 a change of model goes on after its servers were killed, ${modelRounds} times, and mixes no vectors`,
    async () => {
      await using servers = await makeServers();
      const { database } = servers;
      const space = newId();
      const stored = new Map<string, string>();
      for (let round = 0; round < modelRounds; round++) {
        const livesMs = [100 + Math.random() * 200, 100 + Math.random() * 200];
        const settled = untilSessionsEnded(database);
        const { wrong } = await runModelRound({ folder: database.url, space, round, livesMs, stored, settled });
        expect(wrong).toEqual([]);
      }
      expect(stored.size).toBeGreaterThan(0);
    },
    30_000 + modelRounds * 15_000,
  );
});

describe("crashes of the database", () => {
  test("OPS-5 a database that is killed or restarted loses nothing acknowledged, and servers go on by themselves", async () => {
    await using server = await startPostgres({ durable: true });
    await using servers = await makeServers(server.url);
    const engines = [
      servers.open({ limits: { waitMs: 2_000 } }),
      servers.open({ threads: 1, limits: { waitMs: 2_000 } }),
    ];
    const spaces = [newId(), newId()];
    const acknowledged = nothingAcknowledged();
    const failed = new Set<string>();
    let words = 0;
    const over = new AbortController();
    const write = async (engine: Engine, lane: number): Promise<void> => {
      while (!over.signal.aborted) {
        const space = spaces[words % spaces.length]!;
        const some = Array.from({ length: words % 4 === 0 ? 20 : 1 }, () => `q7l${lane}x${(words++).toString(36)}`);
        const items = await Promise.all(some.map((word) => itemOf(textOf(word), { vectors: [meaningOf(word)] })));
        try {
          const outcomes = await engine.write(space, alice).remember(items, some.length > 1);
          for (const [at, outcome] of outcomes.entries())
            acknowledged.stored.set(memoryOf(outcome).id, { space, word: some[at]! });
        } catch (error) {
          expect(error).toMatchObject({
            code: expect.stringMatching(/^storage\.(?:busy|unavailable)$/u) as unknown,
            data: { retryAfterMs: expect.any(Number) as unknown },
          });
          for (const word of some) failed.add(word);
          await wait(20);
        }
      }
    };
    const stored = (): number => acknowledged.stored.size;
    /** Until the servers have stored some more, without anybody's help. */
    const untilMore = async (): Promise<void> => {
      const before = stored();
      await until(() => stored() >= before + 20);
    };
    const writing = Promise.all(engines.flatMap((engine, lane) => [write(engine, lane), write(engine, lane + 2)]));
    const crashing = (async () => {
      await untilMore();
      await server.kill9();
      const before = failed.size;
      await until(() => failed.size > before);
      await server.start();
      await untilMore();
      await server.restart();
      await untilMore();
    })().finally(() => over.abort());
    await Promise.all([writing, crashing]);
    for (const engine of [...engines, servers.open()])
      expect(await findLosses(engine, spaces, acknowledged)).toEqual([]);
    // What was not acknowledged is there whole, or not at all.
    for (const space of spaces) {
      const { items } = await engines[0]!.read(space).list({ limit: 100_000 });
      const known = new Set([...acknowledged.stored.values()].map(({ word }) => textOf(word)));
      const doubtful = new Set([...failed].map(textOf));
      expect(items.filter(({ content }) => !known.has(content) && !doubtful.has(content))).toEqual([]);
    }
  }, 60_000);
});
