/**
 * Every statement of the reads, as PostgreSQL plans it for the application's role under row-level security, among the
 * rows of many spaces. The reads are asked through a connection that writes down what they send.
 */
import { newId } from "@cairn/kernel/id";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import type { Connection, Value } from "../connection/pool.ts";
import { memoriesOfDocs } from "./as-of.ts";
import { contradictionsOf } from "./disputes.ts";
import { versionsOfAll } from "./log.ts";
import { memoriesByRows } from "./memories.ts";
import { reads } from "./reads.ts";
import { chunksByRows } from "./sessions.ts";
import { stateOf } from "./space-state.ts";
import { now, openReadDatabase, type ReadDatabase } from "./stored-space.fixture.ts";
import { vectorsOfDocs } from "./vectors.ts";

const describe = await postgresOrSkip();

interface World {
  readonly spaces: number;
  readonly rowsEach: number;
}

/** Spaces that all hold the same rows; the one returned is among them. */
const fill = async ({ run }: ReadDatabase, { spaces, rowsEach }: World): Promise<string> => {
  const ids = Array.from({ length: spaces }, () => newId());
  const [space] = ids;
  // Rows that belong together are made together: the checks of foreign keys would take most of the time.
  await run(`
    SET session_replication_role = replica;
    CREATE TEMP TABLE s AS SELECT unnest('{${ids.join()}}'::uuid[]) AS space;
    CREATE TEMP TABLE r AS SELECT space, n FROM s, generate_series(1, ${rowsEach}) AS n;
    INSERT INTO space_state (space, replica, analyzer, seq, last_row, last_doc, model, model_dimensions, next_model,
      next_dimensions, next_generation)
      SELECT space, 'r', '1', ${rowsEach}, ${rowsEach}, ${rowsEach}, 'm', 4, 'm2', 4, 2 FROM s;
    INSERT INTO space_state (space, replica, analyzer) SELECT gen_random_uuid(), 'r', '1' FROM generate_series(1, 3000);
    INSERT INTO memories (space, row, id, state, doc, version, identity, near, content, tags, source_instance,
      source_type, trust, confidence, created_at, created_by, updated_at, updated_by, key, session_id, session_seq)
      SELECT space, n, 'm' || n, CASE WHEN n % 50 = 0 THEN 1 ELSE 0 END, n, 1 + n % 2, '', '', repeat('text ', 40),
        '{a}', 'laptop', 'user_explicit', 'agent', 1, n, 'alice', n, 'alice', 'k' || n, 's' || n % 9, n FROM r;
    INSERT INTO memory_tags SELECT space, 't' || n % 5, n FROM r;
    INSERT INTO docs SELECT space, n, n, 1, n, 1, 0, NULL, decode(repeat('00', 100), 'hex') FROM r;
    INSERT INTO q8 SELECT space, 1, n, 0, 1, decode(repeat('00', 64), 'hex') FROM r;
    INSERT INTO f32 SELECT space, 1, n, 0, decode(repeat('00', 256), 'hex') FROM r;
    INSERT INTO awaiting_vectors SELECT space, 1 + n % 2, 0, n FROM r;
    INSERT INTO changes SELECT space, n, 'r', n, 'c' || n, n, 'create', 'm' || n, 1, 'alice', 'laptop',
      '{"content":"text"}', '{}' FROM r;
    INSERT INTO entities SELECT space, n, 'e' || n, 'E' || n, 'person' FROM r;
    INSERT INTO aliases SELECT space, 'a' || n, n, n, 'A' || n FROM r;
    INSERT INTO mentions SELECT space, n, n FROM r;
    INSERT INTO relations SELECT space, n, n % 50 + 1, 'knows', n FROM r;
    INSERT INTO conflicts SELECT space, n, n % 50 + 1 FROM r;
    INSERT INTO session_messages SELECT space, 's' || n % 9, n, 'user', repeat('word ', 40), n, true, 'laptop' FROM r;
    INSERT INTO session_chunks SELECT space, n + ${rowsEach}, 'c' || n, 's' || n % 9, n, 'laptop', repeat('word ', 40),
      n, n, n FROM r;
    INSERT INTO extractions SELECT space, 's' || n, n, 'p', 0, 0 FROM r WHERE n < 9;
    DROP TABLE r, s;
    SET session_replication_role = origin;
  `);
  await run("VACUUM ANALYZE");
  return space!;
};

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

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly PlanNode[];
}
interface Explained {
  readonly "QUERY PLAN": readonly { readonly Plan: PlanNode }[];
}

const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** The plan for these values, and the one that is used whatever the values are, which is what runs. */
const plansOf = async (connection: Connection, { sql, values }: Sent): Promise<readonly PlanNode[]> => {
  const [own] = await connection.query<Explained>(`EXPLAIN (FORMAT JSON) ${sql}`, values);
  const generic = await connection.client.query<Explained>(`EXPLAIN (FORMAT JSON, GENERIC_PLAN) ${sql}`);
  return [own!, generic.rows[0]!].map((explained) => explained["QUERY PLAN"][0]!.Plan);
};

const scans = /Scan$/u;
const ofIndex = new Set(["Index Scan", "Index Only Scan", "Bitmap Index Scan"]);
/** They read what others have scanned, or no table at all. */
const harmless = new Set(["Bitmap Heap Scan", "CTE Scan", "WorkTable Scan", "Subquery Scan", "Function Scan"]);

/** What is wrong with how the tables are reached. `keyed`: by more than the space alone. */
const faultsOf = (plan: PlanNode, keyed: boolean): readonly string[] =>
  nodesOf(plan).flatMap((node) => {
    const type = node["Node Type"];
    if (!scans.test(type) || harmless.has(type)) return [];
    const condition = node["Index Cond"] ?? "";
    const isState = node["Index Name"] === "space_state_pkey";
    const byKey = isState || /\("?(?!space\b)[a-z]/u.test(condition);
    if (ofIndex.has(type) && /\bspace = /u.test(condition) && (byKey || !keyed)) return [];
    return [`${type} ${node["Relation Name"] ?? ""} ${condition}`];
  });

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
};

describe("plans of the reads", () => {
  interface Question {
    readonly asks: Readonly<Record<string, Ask>>;
    readonly byKey: boolean;
  }
  /** What is wrong with the plans of what is asked. */
  const faultsAmong = async (world: World, questions: readonly Question[]): Promise<readonly string[]> => {
    await using database = await openReadDatabase(await makeDatabase());
    const space = await fill(database, world);
    const faults: string[] = [];
    const check = (name: string, ask: Ask, byKey: boolean): Promise<void> =>
      database.pool.transaction({ space, readOnly: true }, async (bound) => {
        const { sent, connection, roundTrips } = recording(bound);
        await ask(connection, space);
        expect(roundTrips(), name).toBe(name === oldVersions ? 2 : 1);
        expect(sent.length, name).toBeGreaterThan(0);
        for (const statement of sent) {
          for (const plan of await plansOf(bound, statement)) {
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
