/**
 * Every statement of the reads, as PostgreSQL plans it for the application's role under row-level security, among the
 * rows of many spaces. The reads are asked through a connection that writes down what they send.
 */
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import type { Connection, Value } from "../connection/pool.ts";
import { faultsOf, fillSpaces, genericPlan, planFor, type World } from "../fixtures/plans.ts";
import { memoriesOfDocs } from "./as-of.ts";
import { contradictionsOf } from "./disputes.ts";
import { versionsOfAll } from "./log.ts";
import { memoriesByRows } from "./memories.ts";
import { reads } from "./reads.ts";
import { chunksByRows } from "./sessions.ts";
import { stateOf } from "./space-state.ts";
import { now, openReadDatabase } from "./stored-space.fixture.ts";
import { vectorsOfDocs } from "./vectors.ts";

const describe = await postgresOrSkip();

interface Sent {
  readonly sql: string;
  readonly values: readonly Value[];
}

interface Recording {
  readonly connection: Connection;
  readonly sent: readonly Sent[];
  /** How often something was sent when nothing was on its way: each time an answer had been waited for. */
  readonly roundTrips: () => number;
}

const recording = (connection: Connection): Recording => {
  const sent: Sent[] = [];
  let underWay = 0;
  let trips = 0;
  const query: Connection["query"] = async (sql, values = []) => {
    sent.push({ sql, values });
    if (underWay++ === 0) trips++;
    try {
      return await connection.query(sql, values);
    } finally {
      underWay--;
    }
  };
  return { sent, connection: { ...connection, query }, roundTrips: () => trips };
};

const messages = [{ role: "user", content: "new", at: 1, timed: true }];
const page = { limit: 20 };
type Ask = (connection: Connection, space: string) => Promise<unknown>;

/** The only ones that take two round trips: what they said has to be looked up in the log. */
const oldVersions = "missing vectors of old versions";

/** What these read grows with the answer, not with the space. */
const keyed: Readonly<Record<string, Ask>> = {
  get: (connection, space) => reads.get(connection, space, now, "m7"),
  disputes: (connection, space) => reads.disputes(connection, space, now, "m7", now),
  "list by key": (connection, space) => reads.list(connection, space, now, { ...page, key: "k7" }),
  "list by tags": (connection, space) => reads.list(connection, space, now, { ...page, tags: ["t1", "t2"] }),
  "list by entity": (connection, space) => reads.list(connection, space, now, { ...page, entity: "e7" }),
  "list by session": (connection, space) => reads.list(connection, space, now, { ...page, sessionId: "s3" }),
  "graph of an entity": (connection, space) => reads.entityGraph(connection, space, now, "e7", 2),
  "memories of an entity": (connection, space) => reads.entityMemories(connection, space, now, "e7", 2, 10),
  history: (connection, space) => reads.history(connection, space, now, "m7"),
  changes: (connection, space) => reads.changes(connection, space, now, 150, 20),
  vectors: (connection, space) => reads.vectors(connection, space, now, ["m7", "m8"]),
  "missing vectors": (connection, space) => reads.missingVectors(connection, space, now, 10),
  [oldVersions]: (connection, space) => reads.missingVectors(connection, space, now, 10, "m2"),
  "plan of a session": (connection, space) =>
    reads.planSession(connection, space, now, { sessionId: "s3", instanceId: "laptop", messages }),
  "messages of a session": (connection, space) => reads.sessionMessages(connection, space, now, "s3", 2, 5),
  "memories by rows": (connection, space) => memoriesByRows(connection, space, [3, 4, 5]),
  "memories of documents": (connection, space) => memoriesOfDocs(connection, space, [3, 4, 5]),
  contradictions: (connection, space) => contradictionsOf(connection, space, [3, 4, 5], now),
  "chunks by rows": (connection, space) => chunksByRows(connection, space, [203, 204]),
  "versions of several": (connection, space) => versionsOfAll(connection, space, ["m3", "m4"]),
  "vectors of documents": (connection, space) => vectorsOfDocs(connection, space, 1, [3, 4, 5]),
};

/** What these read may grow with the space. */
const whole: Readonly<Record<string, Ask>> = {
  list: (connection, space) => reads.list(connection, space, now, page),
  "list, oldest first": (connection, space) => reads.list(connection, space, now, { ...page, order: "oldest" }),
  "list of what is held back": (connection, space) =>
    reads.list(connection, space, now, { ...page, quarantined: true }),
  "list of what is not": (connection, space) => reads.list(connection, space, now, { ...page, quarantined: false }),
  "list by everything": (connection, space) =>
    reads.list(connection, space, now, {
      ...page,
      category: "fact",
      sourceInstance: "laptop",
      author: "alice",
      minTrust: "agent",
      entity: "e7",
      tags: ["t1"],
      sessionId: "s3",
      after: 1,
      before: 9,
    }),
  stats: (connection, space) => reads.stats(connection, space, now),
  entities: (connection, space) => reads.entities(connection, space, now, "e1", 10),
  "state of vectors": (connection, space) => reads.vectorState(connection, space, now),
  "extractions due": (connection, space) =>
    reads.extractionsDue(connection, space, now, { now, quietSince: now, limit: 5 }),
  state: (connection, space) => stateOf(connection, space),
  notes: (connection, space) => reads.notes(connection, space, now, 20),
};

describe("plans of the reads", () => {
  interface Question {
    readonly asks: Readonly<Record<string, Ask>>;
    readonly byKey: boolean;
  }
  /** What is wrong with the plans of what is asked. */
  const faultsAmong = async (world: World, questions: readonly Question[]): Promise<readonly string[]> => {
    await using database = await openReadDatabase(await makeDatabase());
    const space = await fillSpaces(database.run, world);
    const faults: string[] = [];
    const check = (name: string, ask: Ask, byKey: boolean): Promise<void> =>
      database.pool.transaction({ space, readOnly: true }, async (bound) => {
        const { sent, connection, roundTrips } = recording(bound);
        await ask(connection, space);
        expect(roundTrips(), name).toBe(name === oldVersions ? 2 : 1);
        expect(sent.length, name).toBeGreaterThan(0);
        for (const statement of sent) {
          for (const plan of [
            await planFor(bound, statement.sql, statement.values),
            await genericPlan(bound, statement.sql),
          ]) {
            faults.push(...faultsOf(plan, byKey).map((fault) => `${name}: ${fault}`));
          }
        }
      });
    for (const { asks, byKey } of questions) {
      for (const [name, ask] of Object.entries(asks)) await check(name, ask, byKey);
    }
    return faults;
  };

  test("ENG-2 take one round trip, and reach every table by an index that begins with the space", async () => {
    const questions = [
      { asks: whole, byKey: false },
      { asks: keyed, byKey: true },
    ];
    expect(await faultsAmong({ spaces: 50, rowsEach: 200 }, questions)).toEqual([]);
  });

  test("ENG-2 look up by key what has a key, though spaces be so small on average that it hardly matters", async () => {
    expect(await faultsAmong({ spaces: 1_500, rowsEach: 5 }, [{ asks: keyed, byKey: true }])).toEqual([]);
  });
});
