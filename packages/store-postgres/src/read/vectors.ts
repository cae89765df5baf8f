/** Vectors as stored, which texts lack them, and how many. */
import type { PassageText, PassageVectors } from "@cairn/memory/embedding/embedder";
import type { MissingVectors, VectorState } from "@cairn/memory/space/engine";
import type { Connection } from "../connection/pool.ts";
import { float32Of } from "../space/vector-bytes.ts";
import { versionsOfAll } from "./log.ts";
import { generationNamed, modelList, modelsOfRow, type ModelRow } from "./space-state.ts";

interface FloatRow {
  readonly doc: number;
  readonly bytes: Uint8Array;
}

const byDoc = (rows: readonly FloatRow[]): ReadonlyMap<number, PassageVectors> => {
  const vectors = new Map<number, Float32Array[]>();
  for (const { doc, bytes } of rows) {
    const known = vectors.get(doc);
    if (known === undefined) vectors.set(doc, [float32Of(bytes)]);
    else known.push(float32Of(bytes));
  }
  return vectors;
};

/** The float vectors of documents in one set, by document; without those that have none. */
export const vectorsOfDocs = async (
  connection: Connection,
  space: string,
  generation: number,
  docs: readonly number[],
): Promise<ReadonlyMap<number, PassageVectors>> =>
  byDoc(
    await connection.query<FloatRow>(
      `SELECT w.doc, f.bytes FROM unnest($3::bigint[]) AS w (doc) CROSS JOIN LATERAL (
         SELECT f.chunk, f.bytes FROM f32 f
         WHERE f.space = $1 AND f.generation = $2 AND f.doc = w.doc OFFSET 0
       ) f ORDER BY w.doc, f.chunk`,
      [space, generation, docs],
    ),
  );

/** Vectors of live memories, for exports; null where there is none. */
export const vectorsOf = async (
  connection: Connection,
  space: string,
  ids: readonly string[],
): Promise<readonly (PassageVectors | null)[]> => {
  const rows = await connection.query<FloatRow & { readonly id: string }>(
    `SELECT w.id, m.doc, f.bytes FROM unnest($2::text[]) AS w (id)
     CROSS JOIN LATERAL (
       SELECT m.doc FROM memories m WHERE m.space = $1 AND m.id = w.id AND m.state = 0 LIMIT 1
     ) m
     CROSS JOIN LATERAL (
       SELECT f.chunk, f.bytes FROM f32 f
       WHERE f.space = $1 AND f.generation = (SELECT s.generation FROM space_state s WHERE s.space = $1)
         AND f.doc = m.doc OFFSET 0
     ) f ORDER BY m.doc, f.chunk`,
    [space, [...new Set(ids)]],
  );
  const docs = new Map(rows.map(({ id, doc }) => [id, doc] as const));
  const vectors = byDoc(rows);
  return ids.map((id) => vectors.get(docs.get(id) ?? 0) ?? null);
};

interface StateRow extends ModelRow {
  readonly texts: number;
  readonly missing: number;
  readonly next_missing: number;
}

const awaiting = (generation: string): string =>
  `(SELECT count(*) FROM awaiting_vectors a WHERE a.space = $1 AND a.generation = ${generation})`;

export const vectorState = async (connection: Connection, space: string): Promise<VectorState> => {
  const [row] = await connection.query<StateRow>(
    `SELECT ${modelList}, s.texts, ${awaiting("s.generation")} AS missing, ${awaiting("s.next_generation")} AS next_missing
     FROM space_state s WHERE s.space = $1`,
    [space],
  );
  if (row === undefined) return { model: null, documents: 0, missing: 0, next: null };
  const { own, next } = modelsOfRow(row);
  return {
    model: own?.model ?? null,
    documents: row.texts,
    missing: row.missing,
    next: next === null ? null : { model: next.model, missing: row.next_missing },
  };
};

interface MissingRow extends PassageText {
  readonly document: number;
  /** The memory whose version this is, where that is not its current one. */
  readonly earlier: string | null;
  readonly version: number;
}

const nothing: PassageText = { content: "", author: null, occurredAt: null };

/** One round trip, and a second one for versions that are not current: the log has those. */
export const missingVectors = async (
  connection: Connection,
  space: string,
  limit: number,
  model: string | undefined,
): Promise<readonly MissingVectors[]> => {
  const rows = await connection.query<MissingRow>(
    `SELECT a.doc AS document, d.version, coalesce(c.content, m.content, '') AS content, m.author,
       m.occurred_at AS "occurredAt", o.id AS earlier
     FROM (
       SELECT a.rank, a.doc FROM awaiting_vectors a
       WHERE a.space = $1 AND a.generation = (SELECT ${generationNamed("$2")} FROM space_state s WHERE s.space = $1)
       ORDER BY a.rank, a.doc LIMIT $3
     ) a
     LEFT JOIN LATERAL (SELECT * FROM docs d WHERE d.space = $1 AND d.n = a.doc LIMIT 1) d ON true
     LEFT JOIN LATERAL (
       SELECT c.content FROM session_chunks c WHERE c.space = $1 AND d.kind = 2 AND c.row = d.owner LIMIT 1
     ) c ON true
     LEFT JOIN LATERAL (
       SELECT m.content, m.author, m.occurred_at FROM memories m
       WHERE m.space = $1 AND d.kind = 1 AND m.row = d.owner AND m.version = d.version LIMIT 1
     ) m ON true
     LEFT JOIN LATERAL (
       SELECT m.id FROM memories m
       WHERE m.space = $1 AND d.kind = 1 AND m.row = d.owner AND m.version <> d.version LIMIT 1
     ) o ON true
     ORDER BY a.rank, a.doc`,
    [space, model ?? null, limit],
  );
  const changed = new Set(rows.flatMap(({ earlier }) => earlier ?? []));
  const histories = await versionsOfAll(connection, space, [...changed]);
  return rows.map(({ document, earlier, version, content, author, occurredAt }) => {
    if (earlier === null) return { document, passage: { content, author, occurredAt } };
    const old = histories.get(earlier)?.find((one) => one.version === version)?.memory;
    // A text that damage took away says nothing to any model: it must not be asked for for ever.
    if (old === undefined) return { document, passage: nothing };
    return { document, passage: { content: old.content, author: old.author, occurredAt: old.occurredAt } };
  });
};
