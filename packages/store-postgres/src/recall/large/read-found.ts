/** The documents that the database found, with what stands around them in their sessions, as rows to build an index of. */
import { decodeEntry } from "@cairn/memory/recall/entry";
import type { Connection } from "../../connection/pool.ts";

export interface FoundDocument {
  readonly n: number;
  readonly from: number;
  readonly entry: Uint8Array;
}

export interface FoundVector {
  readonly doc: number;
  readonly scale: number;
  readonly bytes: Uint8Array;
}

export interface FoundRows {
  readonly documents: readonly FoundDocument[];
  readonly vectors: readonly FoundVector[];
}

export const documentsSql = `SELECT
  (SELECT string_agg(int8send(d.n) || int8send(d.from_at) || int4send(length(d.entry)) || d.entry, ''::bytea)
   FROM unnest($3::bigint[]) AS w (n) CROSS JOIN LATERAL (
     SELECT n, from_at, entry, to_at FROM docs WHERE space = $1 AND n = w.n LIMIT 1
   ) d WHERE d.to_at IS NULL AND d.entry IS NOT NULL) AS documents,
  (SELECT string_agg(int8send(v.doc) || float8send(v.scale) || int4send(length(v.bytes)) || v.bytes, ''::bytea)
   FROM unnest($3::bigint[]) AS w (doc) CROSS JOIN LATERAL (
     SELECT doc, scale, bytes FROM q8 WHERE space = $1 AND generation = $2 AND doc = w.doc ORDER BY chunk OFFSET 0
   ) v) AS vectors`;

const eachRecord = (bytes: Uint8Array | null, visit: (view: DataView, at: number, rest: Uint8Array) => void): void => {
  if (bytes === null) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const end = at + 20 + view.getInt32(at + 16);
    visit(view, at, bytes.subarray(at + 20, end));
    at = end;
  }
};

export const readDocuments = async (
  connection: Connection,
  space: string,
  generation: number,
  docs: readonly number[],
): Promise<FoundRows> => {
  const documents: FoundDocument[] = [];
  const vectors: FoundVector[] = [];
  if (docs.length === 0) return { documents, vectors };
  const [row] = await connection.query<{ documents: Uint8Array | null; vectors: Uint8Array | null }>(documentsSql, [
    space,
    generation,
    docs,
  ]);
  eachRecord(row?.documents ?? null, (view, at, entry) => {
    documents.push({ n: Number(view.getBigInt64(at)), from: Number(view.getBigInt64(at + 8)), entry });
  });
  eachRecord(row?.vectors ?? null, (view, at, bytes) => {
    vectors.push({ doc: Number(view.getBigInt64(at)), scale: view.getFloat64(at + 8), bytes });
  });
  return { documents, vectors };
};

/** `$6`: how far to each side. */
export const neighboursSql = `SELECT DISTINCT e.doc
  FROM unnest($3::integer[], $4::double precision[], $5::bigint[]) AS w (session, position, doc)
  CROSS JOIN LATERAL (
    (SELECT doc FROM entered WHERE space = $1 AND kind = $2 AND session = w.session AND session > 0
       AND (position, doc) < (w.position, w.doc) ORDER BY position DESC, doc DESC LIMIT $6)
    UNION ALL
    (SELECT doc FROM entered WHERE space = $1 AND kind = $2 AND session = w.session AND session > 0
       AND (position, doc) > (w.position, w.doc) ORDER BY position, doc LIMIT $6)
  ) e`;

/** Documents around these in their sessions that are not among them. */
export const neighboursOf = async (
  connection: Connection,
  space: string,
  kind: number,
  documents: readonly FoundDocument[],
  distance: number,
): Promise<readonly number[]> => {
  const turns = documents.flatMap(({ n, entry }) => {
    const { session, position, quarantined } = decodeEntry(entry).facets;
    return session === 0 || quarantined === true ? [] : [{ n, session, position }];
  });
  if (turns.length === 0) return [];
  const rows = await connection.query<{ doc: number }>(neighboursSql, [
    space,
    kind,
    turns.map(({ session }) => session),
    turns.map(({ position }) => position),
    turns.map(({ n }) => n),
    distance,
  ]);
  const known = new Set(documents.map(({ n }) => n));
  return rows.map(({ doc }) => doc).filter((doc) => !known.has(doc));
};
