/**
 * Loads what the rules asked for in vain: one statement a kind, all sent together. Each looks its keys up one by one
 * (`LATERAL` with a LIMIT or OFFSET), which it does also where the planner takes a space for smaller than it is.
 */
import type { Connection } from "../connection/pool.ts";
import { memoryOfRow, type MemoryRow, memoryColumnList } from "../read/memory-row.ts";
import { nameHash, namesByHash } from "../space/name-hash.ts";
import { float32Of } from "../space/vector-bytes.ts";
import {
  bytesKey,
  type FactKind,
  type FactOf,
  type Facts,
  type MemoryRecord,
  type Missing,
  pairKey,
  pairOf,
} from "./facts.ts";
import type { LogEntry, MemoryState, StoredChunk, StoredDocument } from "@cairn/memory/write/write-store";
import type { SessionMessage } from "@cairn/memory/space/engine";

interface Loading {
  readonly connection: Connection;
  readonly space: string;
  readonly facts: Facts;
}
type Load<Fact> = (loading: Loading, keys: readonly string[]) => Promise<ReadonlyMap<string, Fact>>;

/** `wanted.key` of a list, and what `select` finds for each. */
const lookUp = (columns: string, type: string, select: string): string =>
  `SELECT ${columns} FROM unnest($2::${type}[]) AS wanted (key) CROSS JOIN LATERAL (${select}) m`;

/** More rows than one batch can change: what it changes may be all that comes first. */
const moreThanABatch = 600;

const grouped = <Row, Fact>(rows: readonly Row[], keyOf: (row: Row) => string, factOf: (row: Row) => Fact) => {
  const groups = new Map<string, Fact[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [factOf(row)]);
    else group.push(factOf(row));
  }
  return groups;
};
const single = <Row, Fact>(rows: readonly Row[], keyOf: (row: Row) => string, factOf: (row: Row) => Fact) =>
  new Map(rows.map((row) => [keyOf(row), factOf(row)] as const));

type RecordRow = MemoryRow & {
  readonly row: number;
  readonly doc: number;
  readonly state: MemoryState;
  readonly identity: Uint8Array;
  readonly near: Uint8Array;
};
const recordColumns = `m.row, m.doc, m.state, m.identity, m.near, ${memoryColumnList("m")}`;
const recordOf =
  (space: string) =>
  (row: RecordRow): MemoryRecord => ({
    row: row.row,
    doc: row.doc,
    state: row.state,
    identity: row.identity,
    near: row.near,
    memory: memoryOfRow(row, space),
  });

const byHash =
  (column: "identity" | "near"): Load<readonly MemoryRecord[]> =>
  async ({ connection, space }, keys) => {
    const rows = await connection.query<RecordRow>(
      `${lookUp(
        recordColumns,
        "bytea",
        `SELECT * FROM memories
         WHERE space = $1 AND ${column} = wanted.key AND state = 0 ORDER BY row LIMIT ${moreThanABatch}`,
      )} ORDER BY m.row`,
      [space, keys.map((key) => Buffer.from(key, "hex"))],
    );
    return grouped(rows, (row) => bytesKey(row[column]), recordOf(space));
  };

const numbers = (keys: readonly string[]): readonly number[] => keys.map(Number);
const firsts = (keys: readonly string[]): readonly (string | number)[] => keys.map((key) => pairOf(key)[0]);
const seconds = (keys: readonly string[]): readonly (string | number)[] => keys.map((key) => pairOf(key)[1]);

/** Which documents have a row of a generation in a table of notes or vectors. */
const inTable =
  (table: "f32" | "wordless" | "awaiting_vectors"): Load<boolean> =>
  async ({ connection, space }, keys) => {
    const more = table === "awaiting_vectors" ? "AND t.rank IN (0, 1, 2)" : "";
    const rows = await connection.query<{ generation: number; doc: number }>(
      `SELECT wanted.generation, wanted.doc FROM unnest($2::integer[], $3::bigint[]) AS wanted (generation, doc)
       WHERE EXISTS (
         SELECT 1 FROM ${table} t
         WHERE t.space = $1 AND t.generation = wanted.generation ${more} AND t.doc = wanted.doc OFFSET 0
       )`,
      [space, firsts(keys), seconds(keys)],
    );
    return single(
      rows,
      ({ generation, doc }) => pairKey(generation, doc),
      () => true,
    );
  };

const loads: { readonly [Kind in FactKind]: Load<FactOf[Kind]> } = {
  memoryById: async ({ connection, space }, keys) => {
    const rows = await connection.query<RecordRow>(
      lookUp(recordColumns, "text", "SELECT * FROM memories WHERE space = $1 AND id = wanted.key LIMIT 1"),
      [space, keys],
    );
    return single(rows, (row) => String(row.id), recordOf(space));
  },
  memoryByKey: async ({ connection, space }, keys) => {
    const rows = await connection.query<RecordRow>(
      lookUp(
        recordColumns,
        "text",
        "SELECT * FROM memories WHERE space = $1 AND state = 0 AND key = wanted.key LIMIT 1",
      ),
      [space, keys],
    );
    return single(rows, (row) => String(row.key), recordOf(space));
  },
  memoryByRow: async ({ connection, space }, keys) => {
    const rows = await connection.query<RecordRow>(
      lookUp(recordColumns, "bigint", "SELECT * FROM memories WHERE space = $1 AND row = wanted.key LIMIT 1"),
      [space, numbers(keys)],
    );
    return single(rows, ({ row }) => String(row), recordOf(space));
  },
  corrections: async ({ connection, space }, keys) => {
    const rows = await connection.query<RecordRow>(
      `${lookUp(
        recordColumns,
        "text",
        "SELECT * FROM memories WHERE space = $1 AND state = 0 AND supersedes = wanted.key OFFSET 0",
      )} ORDER BY m.row`,
      [space, keys],
    );
    return grouped(rows, (row) => String(row.supersedes), recordOf(space));
  },
  identity: byHash("identity"),
  near: byHash("near"),
  positions: async ({ connection, space }, keys) => {
    const rows = await connection.query<{ session: string; most: number; row: number; position: number }>(
      `SELECT wanted.session, wanted.most, m.row, m.session_seq AS position
       FROM unnest($2::text[], $3::integer[]) AS wanted (session, most) CROSS JOIN LATERAL (
         SELECT row, session_seq FROM memories WHERE space = $1 AND session_id = wanted.session AND state = 0
         ORDER BY session_seq DESC LIMIT wanted.most
       ) m ORDER BY m.session_seq DESC`,
      [space, firsts(keys), seconds(keys)],
    );
    return grouped(
      rows,
      ({ session, most }) => pairKey(session, most),
      ({ row, position }) => ({ row, position }),
    );
  },
  name: async ({ connection, space }, keys) => {
    const rows = await connection.query<{ name: string; id: number }>(namesByHash, [space, keys.map(nameHash)]);
    return single(
      rows,
      ({ name }) => name,
      ({ id }) => id,
    );
  },
  documents: async ({ connection, space }, keys) => {
    const rows = await connection.query<StoredDocument & { owner: number; kind: number }>(
      `SELECT d.owner, d.kind, d.n, d.version, d.entry
       FROM unnest($2::bigint[], $3::smallint[]) AS wanted (owner, kind) CROSS JOIN LATERAL (
         SELECT * FROM docs WHERE space = $1 AND owner = wanted.owner AND kind = wanted.kind OFFSET 0
       ) d ORDER BY d.n`,
      [space, firsts(keys), seconds(keys)],
    );
    return grouped(
      rows,
      ({ owner, kind }) => pairKey(owner, kind),
      ({ n, version, entry }) => ({ n, version, entry }),
    );
  },
  firstVector: async ({ connection, space }, keys) => {
    const rows = await connection.query<{ generation: number; doc: number; bytes: Uint8Array }>(
      `SELECT v.generation, v.doc, v.bytes FROM unnest($2::integer[], $3::bigint[]) AS wanted (generation, doc)
       CROSS JOIN LATERAL (
         SELECT * FROM f32
         WHERE space = $1 AND generation = wanted.generation AND doc = wanted.doc AND chunk = 0 LIMIT 1
       ) v`,
      [space, firsts(keys), seconds(keys)],
    );
    return single(
      rows,
      ({ generation, doc }) => pairKey(generation, doc),
      ({ bytes }) => float32Of(bytes),
    );
  },
  hasVectors: inTable("f32"),
  wordless: inTable("wordless"),
  awaiting: inTable("awaiting_vectors"),
  entity: async ({ connection, space }, keys) => {
    const rows = await connection.query<{ norm: string; id: number; type: string }>(
      lookUp("m.norm, m.id, m.type", "text", "SELECT * FROM entities WHERE space = $1 AND norm = wanted.key LIMIT 1"),
      [space, keys],
    );
    return single(
      rows,
      ({ norm }) => norm,
      ({ id, type }) => ({ id, type }),
    );
  },
  mentions: async ({ connection, space }, keys) => {
    const rows = await connection.query<{ memory: number; entity: number }>(
      lookUp(
        "m.memory, m.entity",
        "bigint",
        "SELECT * FROM mentions WHERE space = $1 AND memory = wanted.key OFFSET 0",
      ),
      [space, numbers(keys)],
    );
    return grouped(
      rows,
      ({ memory }) => String(memory),
      ({ entity }) => entity,
    );
  },
  mentionCount: async ({ connection, space }, keys) => {
    const rows = await connection.query<{ entity: number; count: number }>(
      `SELECT wanted.entity, (SELECT count(*) FROM (
         SELECT 1 FROM mentions m WHERE m.space = $1 AND m.entity = wanted.entity LIMIT ${moreThanABatch}
       ) counted) AS count FROM unnest($2::bigint[]) AS wanted (entity)`,
      [space, numbers(keys)],
    );
    return single(
      rows,
      ({ entity }) => String(entity),
      ({ count }) => count,
    );
  },
  claims: async ({ connection, space }, keys) => {
    const rows = await connection.query<{
      entity: string;
      attribute: string;
      memory: number;
      value: string;
      negated: boolean;
    }>(
      `SELECT c.* FROM unnest($2::text[], $3::text[]) AS wanted (entity, attribute) CROSS JOIN LATERAL (
         SELECT entity, attribute, memory, value, negated FROM claims
         WHERE space = $1 AND entity = wanted.entity AND attribute = wanted.attribute
         ORDER BY memory DESC, value LIMIT ${200 + moreThanABatch}
       ) c ORDER BY c.memory DESC, c.value`,
      [space, firsts(keys), seconds(keys)],
    );
    return grouped(
      rows,
      ({ entity, attribute }) => pairKey(entity, attribute),
      ({ memory, value, negated }) => ({ memory, value, negated }),
    );
  },
  conflicts: async ({ connection, space }, keys) => {
    const rows = await connection.query<{
      memory: number;
      row: number;
      id: string;
      state: MemoryState;
      held_back: boolean;
    }>(
      `SELECT wanted.key AS memory, m.row, m.id, m.state, m.quarantine IS NOT NULL AS held_back
       FROM unnest($2::bigint[]) AS wanted (key)
       CROSS JOIN LATERAL (SELECT other FROM conflicts WHERE space = $1 AND memory = wanted.key OFFSET 0) c
       CROSS JOIN LATERAL (SELECT * FROM memories WHERE space = $1 AND row = c.other LIMIT 1) m ORDER BY m.row`,
      [space, numbers(keys)],
    );
    return grouped(
      rows,
      ({ memory }) => String(memory),
      ({ row, id, state, held_back: heldBack }) => ({ row, id, state, heldBack }),
    );
  },
  changes: async ({ connection, space }, keys) => {
    const rows = await connection.query<LogEntry>(
      `${lookUp(
        "m.replica, m.counter, m.clock, m.at, m.kind, m.subject, m.version, m.principal, m.agent, m.fields, m.overwrites",
        "text",
        "SELECT * FROM changes WHERE space = $1 AND subject = wanted.key OFFSET 0",
      )} ORDER BY m.seq`,
      [space, keys],
    );
    return grouped(
      rows,
      ({ subject }) => subject,
      (row) => row,
    );
  },
  messages: async ({ connection, space }, keys) => {
    const rows = await connection.query<SessionMessage & { session: string }>(
      `${lookUp(
        "m.session, m.role, m.content, m.at, m.timed",
        "text",
        "SELECT * FROM session_messages WHERE space = $1 AND session = wanted.key OFFSET 0",
      )} ORDER BY m.session, m.position`,
      [space, keys],
    );
    return grouped(
      rows,
      ({ session }) => session,
      ({ role, content, at, timed }) => ({ role, content, at, timed }),
    );
  },
  hasMessages: async ({ connection, space }, keys) => {
    const rows = await connection.query<{ session: string }>(
      `SELECT wanted.session FROM unnest($2::text[]) AS wanted (session)
       WHERE EXISTS (SELECT 1 FROM session_messages m WHERE m.space = $1 AND m.session = wanted.session OFFSET 0)`,
      [space, keys],
    );
    return single(
      rows,
      ({ session }) => session,
      () => true,
    );
  },
  chunks: async ({ connection, space }, keys) => {
    const rows = await connection.query<StoredChunk & { session: string }>(
      `${lookUp(
        "m.session, m.row, m.id, m.chunk, m.doc, m.content",
        "text",
        "SELECT * FROM session_chunks WHERE space = $1 AND session = wanted.key OFFSET 0",
      )} ORDER BY m.session, m.chunk`,
      [space, keys],
    );
    return grouped(
      rows,
      ({ session }) => session,
      ({ row, id, chunk, doc, content }) => ({ row, id, chunk, doc, content }),
    );
  },
  extraction: async ({ connection, space }, keys) => {
    const rows = await connection.query<{ session: string; position: number; attempts: number }>(
      lookUp(
        "m.session, m.position, m.attempts",
        "text",
        "SELECT * FROM extractions WHERE space = $1 AND session = wanted.key LIMIT 1",
      ),
      [space, keys],
    );
    return single(
      rows,
      ({ session }) => session,
      ({ position, attempts }) => ({ position, attempts }),
    );
  },
};

/** What a key stands for that the database holds nothing under. */
const nothing: { readonly [Kind in FactKind]: FactOf[Kind] } = {
  memoryById: null,
  memoryByKey: null,
  memoryByRow: null,
  corrections: [],
  identity: [],
  near: [],
  positions: [],
  name: null,
  documents: [],
  firstVector: null,
  hasVectors: false,
  wordless: false,
  awaiting: false,
  entity: null,
  mentions: [],
  mentionCount: 0,
  claims: [],
  conflicts: [],
  changes: [],
  messages: [],
  hasMessages: false,
  chunks: [],
  extraction: null,
};

const loadKind = async (kind: FactKind, loading: Loading, keys: readonly string[]): Promise<void> => {
  // The tables are typed where they are declared; here only a kind and its facts meet.
  const found = (await loads[kind](loading, keys)) as ReadonlyMap<string, never>;
  for (const key of keys) loading.facts.put(kind, key, found.get(key) ?? (nothing[kind] as never));
};

export const loadFacts = async (
  connection: Connection,
  space: string,
  facts: Facts,
  missing: Missing,
): Promise<void> => {
  const loading = { connection, space, facts };
  await Promise.all(Array.from(missing, ([kind, keys]) => loadKind(kind, loading, [...keys])));
};
