/**
 * Makes the documents anew that are missing, damaged, or of another version of the analyzer, by the same rules as every
 * write, some at a time: each portion is a transaction, with a change in the log by which all servers hear of it.
 */
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import type { SessionChunk } from "@cairn/memory/recall/query";
import { makeSlicer, type Steps, type WriteContext } from "@cairn/memory/write/context";
import { chunkEntry, eraseDocument } from "@cairn/memory/write/document";
import { copyVectors } from "@cairn/memory/write/document-vectors";
import { replaceMemory } from "@cairn/memory/write/memory-writer";
import { docKind, memoryState } from "@cairn/memory/write/write-store";
import type { Connection } from "../connection/pool.ts";
import { chunksByRows } from "../read/sessions.ts";
import type { SpaceState } from "../read/space-state.ts";
import { write, type Writing, writeWith } from "../write/run-rule.ts";
import { type DamagedDocument, eachDamaged, walkDocuments } from "./damaged-documents.ts";
import { rangesUpTo } from "./ranges.ts";
import {
  brokenRows,
  lastOf,
  type Rule,
  strayDocuments,
  unindexed,
  unindexedChunks,
  valuesOf,
  wrongTags,
} from "./rules.ts";

const atOnce = 200;

interface ChunkToMend {
  readonly chunk: SessionChunk;
  readonly row: number;
  /** Its document so far. */
  readonly doc: number;
}

/** What one transaction mends. */
interface Wrong {
  /** Ids of memories. */
  readonly memories: readonly string[];
  readonly chunks: readonly ChunkToMend[];
  /** Documents that go. */
  readonly documents: readonly number[];
}
const nothing: Wrong = { memories: [], chunks: [], documents: [] };

const noteRepair = ({ log, space }: WriteContext): number =>
  log.append({ kind: "repair", subject: space, version: 0, fields: {}, overwrites: null });

/** Makes the document of a stored chunk anew, with the vectors that the old one had. */
const reindexChunk = (context: WriteContext, { chunk, row, doc: old }: ChunkToMend, seq: number): void => {
  const { store, now } = context;
  const entry = chunkEntry(chunk, row, store);
  const doc = store.insertDocument({ kind: docKind.chunk, owner: row, version: 1, seq, from: now, entry });
  copyVectors(context, old, doc, docKind.chunk);
  // Also where it has no entry: that way other servers hear of it. How many texts there are is counted at the end.
  eraseDocument(store, old, seq);
  store.putChunk(chunk, doc);
};

function* mend(context: WriteContext, { memories, chunks, documents }: Wrong): Steps<void> {
  const { store } = context;
  // A memory's next version is a change of its own.
  const seq = chunks.length + documents.length > 0 ? noteRepair(context) : 0;
  const slice = makeSlicer();
  for (const id of memories) {
    yield* slice();
    const stored = store.findById(id);
    if (stored !== null && stored.state === memoryState.live)
      replaceMemory(context, stored, stored.memory, "update", stored.doc);
  }
  for (const chunk of chunks) {
    yield* slice();
    reindexChunk(context, chunk, seq);
  }
  for (const doc of documents) eraseDocument(store, doc, seq);
}

const chunksToMend = async (
  connection: Connection,
  space: string,
  rows: readonly number[],
): Promise<readonly ChunkToMend[]> => {
  const [chunks, documents] = await Promise.all([
    chunksByRows(connection, space, rows),
    connection.query<{ readonly row: number; readonly doc: number }>(
      `SELECT c.row, c.doc FROM unnest($2::bigint[]) AS w (row)
       CROSS JOIN LATERAL (SELECT * FROM session_chunks c WHERE c.space = $1 AND c.row = w.row LIMIT 1) c`,
      [space, rows],
    ),
  ]);
  return documents.flatMap(({ row, doc }) => {
    const chunk = chunks.get(row);
    return chunk === undefined ? [] : { chunk, row, doc };
  });
};

/** Of what was found damaged, what still is current, and whose text it indexes. */
const stillWrong = async (
  connection: Connection,
  space: string,
  damaged: readonly DamagedDocument[],
): Promise<Wrong> => {
  const rows = await connection.query<{
    readonly n: number;
    readonly id: string | null;
    readonly chunk: number | null;
  }>(
    `SELECT d.n, m.id, c.row AS chunk FROM unnest($2::bigint[]) AS w (n)
     CROSS JOIN LATERAL (
       SELECT * FROM docs d WHERE d.space = $1 AND d.n = w.n AND d.entry IS NOT NULL AND d.to_at IS NULL LIMIT 1
     ) d
     LEFT JOIN LATERAL (
       SELECT m.id FROM memories m WHERE m.space = $1 AND d.kind = ${docKind.memory} AND m.row = d.owner LIMIT 1
     ) m ON true
     LEFT JOIN LATERAL (
       SELECT c.row FROM session_chunks c
       WHERE c.space = $1 AND d.kind = ${docKind.chunk} AND c.row = d.owner AND c.doc = d.n LIMIT 1
     ) c ON true
     ORDER BY d.n`,
    [space, damaged.map(({ n }) => n)],
  );
  return {
    memories: rows.flatMap(({ id }) => id ?? []),
    chunks: await chunksToMend(
      connection,
      space,
      rows.flatMap(({ chunk }) => chunk ?? []),
    ),
    // A chunk's goes when it is made anew.
    documents: rows.filter(({ chunk }) => chunk === null).map(({ n }) => n),
  };
};

const mendDamaged = (writing: Writing): Promise<void> => {
  const { pool, space } = writing;
  return eachDamaged(
    (after, known) =>
      pool.transaction({ space, readOnly: true, snapshot: true }, (connection) =>
        walkDocuments(connection, space, after, known),
      ),
    async (damaged) => {
      for (let from = 0; from < damaged.length; from += atOnce) {
        const some = damaged.slice(from, from + atOnce);
        await writeWith(writing, (connection) => stillWrong(connection, space, some), mend);
      }
    },
  );
};

type Load = (connection: Connection, found: readonly Found[]) => Promise<Wrong> | Wrong;

interface Found {
  readonly number: number;
  readonly id: string;
}

/** What breaks a rule, in the order of its numbers. */
const mendAll = async (writing: Writing, state: SpaceState, rule: Rule, load: Load): Promise<void> => {
  const { space } = writing;
  const sql = `SELECT t.${rule.key} AS number, ${rule.table === "memories" ? "t.id" : "''"} AS id
    ${brokenRows(rule)} ORDER BY t.${rule.key} LIMIT ${atOnce}`;
  for (const { after: first, upTo } of rangesUpTo(lastOf(rule, state))) {
    let found: readonly Found[] = [];
    for (let after = first; found.length === atOnce || after === first; after = found.at(-1)?.number ?? upTo) {
      found = await writeWith(
        writing,
        async (connection) => {
          const some = await connection.query<Found>(sql, valuesOf(rule, space, { after, upTo }));
          return { some, wrong: some.length === 0 ? nothing : await load(connection, some) };
        },
        function* (context, { some, wrong }) {
          yield* mend(context, wrong);
          return some;
        },
      );
    }
  }
};

/**
 * Numbers that no document has any more get an erased one: servers that have read what it was hear that it is gone.
 */
const noteLost = async (writing: Writing, { lastDoc }: SpaceState): Promise<void> => {
  const { space } = writing;
  for (const { after, upTo } of rangesUpTo(lastDoc)) {
    await writeWith(
      writing,
      (connection) =>
        connection.query<{ readonly n: number }>(
          `SELECT w.n FROM generate_series($2::bigint, $3::bigint) AS w (n)
           WHERE NOT EXISTS (SELECT 1 FROM docs d WHERE d.space = $1 AND d.n = w.n OFFSET 0)`,
          [space, Math.max(0, after) + 1, Math.min(lastDoc, upTo)],
        ),
      function* (context, lost) {
        return lost.length > 0 ? noteRepair(context) : 0;
      },
      (connection, seq, lost) =>
        connection.change(
          `INSERT INTO docs (space, n, seq, kind, owner, version, from_at, to_at, entry)
           SELECT $1, lost.n, $3, ${docKind.memory}, 0, 0, 0, 0, NULL FROM unnest($2::bigint[]) AS lost (n)`,
          [space, lost.map(({ n }) => n), seq],
        ),
    );
  }
};

const memoriesOf: Load = (_connection, found) => ({ ...nothing, memories: found.map(({ id }) => id) });
const documentsOf: Load = (_connection, found) => ({ ...nothing, documents: found.map(({ number }) => number) });
const every = (rule: Rule, broken: string): Rule => ({ ...rule, broken });

/** Afterwards every current text has an index entry of its own, and no entry belongs to nothing. */
export const mendTexts = async (writing: Writing, state: SpaceState): Promise<void> => {
  const { space } = writing;
  const chunksOf: Load = async (connection, found) => ({
    ...nothing,
    chunks: await chunksToMend(
      connection,
      space,
      found.map(({ number }) => number),
    ),
  });
  const outdated = state.analyzer !== String(analyzerVersion);
  await write(writing, function* (context) {
    noteRepair(context);
  });
  await noteLost(writing, state);
  await mendDamaged(writing);
  for (const rule of outdated ? [every(unindexed, "t.state = 0")] : [unindexed, wrongTags])
    await mendAll(writing, state, rule, memoriesOf);
  await mendAll(writing, state, outdated ? every(unindexedChunks, "true") : unindexedChunks, chunksOf);
  await mendAll(writing, state, strayDocuments, documentsOf);
};
