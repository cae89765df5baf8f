/**
 * What a search index has not heard of yet, in one statement, so that all of it belongs to one state of the space.
 * Documents and vectors come packed, thousands in one value: a row each would cost more than what is in it.
 */
import type { Connection } from "../connection/pool.ts";
import { modelsOfRow, modelList, type ModelGeneration, type ModelRow } from "../read/space-state.ts";

/** How far an index has read. */
export interface Position {
  /** The last change, and the last document of it. */
  readonly seq: number;
  readonly doc: number;
  /** The last document whose vectors were read. */
  readonly vectorsOf: number;
  readonly late: number;
  /** The last name of an author. */
  readonly author: number;
  /** Of the vectors that were read. */
  readonly generation: number;
}

export interface ReadDocument {
  readonly n: number;
  readonly seq: number;
  readonly kind: number;
  readonly from: number;
  /** Infinity while it is current. */
  readonly to: number;
  /** Null once erased. */
  readonly entry: Uint8Array | null;
}

export interface ReadVector {
  readonly doc: number;
  readonly scale: number;
  readonly bytes: Uint8Array;
}

export interface ReadAuthor {
  readonly id: number;
  readonly name: string;
  /** Numbers of the terms of the name; −1 for one that nothing holds. */
  readonly terms: readonly number[];
}

export interface Changes {
  /** How many texts a space has that is not to be begun because of them: nothing else of it was read. */
  readonly tooLarge: number | null;
  /** Another one where the space was dropped and made anew. */
  readonly replica: string;
  readonly own: ModelGeneration | null;
  readonly generation: number;
  readonly lastName: number;
  readonly late: number;
  /** The last document there is. */
  readonly lastDoc: number;
  readonly documents: readonly ReadDocument[];
  readonly vectors: readonly ReadVector[];
  readonly authors: readonly ReadAuthor[];
}

/** Documents or vectors of one statement at most. */
export const portion = 4_000;
const forever = "9223372036854775807";

interface Row extends ModelRow {
  readonly replica: string;
  readonly last_name: number;
  readonly last_late: number;
  readonly last_doc: number;
  readonly texts: number;
  readonly documents: Uint8Array | null;
  readonly vectors: Uint8Array | null;
  readonly authors: string | null;
}

const packedVectors = (rows: string): string =>
  `(SELECT string_agg(int8send(v.doc) || float8send(v.scale) || int4send(length(v.bytes)) || v.bytes, ''::bytea ORDER BY v.doc, v.chunk) FROM (${rows}) v)`;

/** Of a space that is too large to begin with nothing is read. */
const within = "(s.texts < $7 OR $2 > 0)";

const sql = `SELECT ${modelList}, s.replica, s.last_name, s.last_late, s.last_doc, s.texts,
  (SELECT string_agg(
     int8send(d.n) || int8send(d.seq) || int8send(d.from_at) || int8send(coalesce(d.to_at, ${forever}))
       || int4send(d.kind) || int4send(coalesce(length(d.entry), -1)) || coalesce(d.entry, ''),
     ''::bytea ORDER BY d.seq, d.n
   ) FROM (
     SELECT n, seq, kind, from_at, to_at, entry FROM docs
     WHERE space = $1 AND seq >= $2 AND (seq, n) > ($2, $3) AND ${within} ORDER BY seq, n LIMIT ${portion}
   ) d) AS documents,
  ${packedVectors(`
     (SELECT doc, chunk, scale, bytes FROM q8
      WHERE space = $1 AND generation = s.generation AND doc > $4 AND ${within} ORDER BY doc, chunk LIMIT ${portion})
     UNION ALL
     SELECT q.doc, q.chunk, q.scale, q.bytes FROM (
       SELECT DISTINCT doc FROM late_vectors WHERE space = $1 AND seq > $5 AND doc <= $4 AND s.last_late > $5
     ) l CROSS JOIN LATERAL (
       SELECT doc, chunk, scale, bytes FROM q8
       WHERE space = $1 AND generation = s.generation AND doc = l.doc OFFSET 0
     ) q`)} AS vectors,
  (SELECT json_agg(json_build_object('id', a.id, 'name', a.name, 'terms', a.terms) ORDER BY a.id)::text FROM names a
   WHERE a.space = $1 AND a.terms IS NOT NULL AND a.id > $6 AND ${within}) AS authors
  FROM space_state s WHERE s.space = $1`;

const views = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const int8At = (view: DataView, at: number): number => Number(view.getBigInt64(at));

const readDocuments = (bytes: Uint8Array | null): readonly ReadDocument[] => {
  if (bytes === null) return [];
  const view = views(bytes);
  const documents: ReadDocument[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = view.getInt32(at + 36);
    const end = at + 40 + Math.max(0, size);
    const to = view.getBigInt64(at + 24);
    documents.push({
      n: int8At(view, at),
      seq: int8At(view, at + 8),
      from: int8At(view, at + 16),
      to: to === 0x7fffffffffffffffn ? Number.POSITIVE_INFINITY : Number(to),
      kind: view.getInt32(at + 32),
      entry: size < 0 ? null : bytes.subarray(at + 40, end),
    });
    at = end;
  }
  return documents;
};

const readVectors = (bytes: Uint8Array | null): readonly ReadVector[] => {
  if (bytes === null) return [];
  const view = views(bytes);
  const vectors: ReadVector[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 20 + view.getInt32(at + 16);
    vectors.push({ doc: int8At(view, at), scale: view.getFloat64(at + 8), bytes: bytes.subarray(at + 20, end) });
    at = end;
  }
  return vectors;
};

/** Null for a space that was never written to. `most`: with so many texts it is not begun. */
export const changesSince = async (
  connection: Connection,
  space: string,
  { seq, doc, vectorsOf, late, author }: Position,
  most: number,
): Promise<Changes | null> => {
  const [row] = await connection.query<Row>(sql, [space, seq, doc, vectorsOf, late, author, most]);
  if (row === undefined) return null;
  return {
    tooLarge: seq === 0 && row.texts >= most ? row.texts : null,
    replica: row.replica,
    own: modelsOfRow(row).own,
    generation: row.generation,
    lastName: row.last_name,
    late: row.last_late,
    lastDoc: row.last_doc,
    documents: readDocuments(row.documents),
    vectors: readVectors(row.vectors),
    authors: row.authors === null ? [] : (JSON.parse(row.authors) as readonly ReadAuthor[]),
  };
};

/**
 * The vectors of a generation of the documents after one, up to another: at most a portion. Null where the space has
 * gone over to another generation, and these may be gone already.
 */
export const vectorsBetween = async (
  connection: Connection,
  space: string,
  generation: number,
  after: number,
  upTo: number,
): Promise<readonly ReadVector[] | null> => {
  const [row] = await connection.query<{ vectors: Uint8Array | null }>(
    `SELECT ${packedVectors(`SELECT doc, chunk, scale, bytes FROM q8
       WHERE space = $1 AND generation = $2 AND doc > $3 AND doc <= $4 ORDER BY doc, chunk LIMIT ${portion}`)} AS vectors
     FROM space_state s WHERE s.space = $1 AND s.generation = $2`,
    [space, generation, after, upTo],
  );
  return row === undefined ? null : readVectors(row.vectors);
};
