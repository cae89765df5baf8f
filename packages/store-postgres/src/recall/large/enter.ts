/**
 * Entering documents of a large space into the tables that its questions are answered from, and removing them. Inside a
 * transaction that holds the space's lock, so that counts stay exact; statements are sent together.
 */
import { visitBag } from "@cairn/memory/recall/bag";
import { decodeEntry, type Facets } from "@cairn/memory/recall/entry";
import { tuning } from "@cairn/memory/recall/tuning";
import type { Value } from "../../connection/pool.ts";
import { nearestTable } from "./partition.ts";

export type Send = (sql: string, values: readonly Value[]) => void;

export interface EnteredDocument {
  readonly n: number;
  readonly kind: number;
  readonly entry: Uint8Array;
}

export interface EnteredVector {
  readonly generation: number;
  readonly doc: number;
  readonly chunk: number;
  readonly vector: Float32Array;
}

/** A length against which impacts are reckoned: they only choose candidates, so that a space's own mean is not needed. */
const usualLength = 20;
const { k1, b } = tuning;
const longestPassage = 0xffff;
const mostPassages = 0x7fff;

/** What a term that occurs `frequency` times among `length` adds to a passage, apart from the term's own worth. */
export const impactOf = (frequency: number, length: number): number =>
  frequency / (frequency + k1 * (1 - b) + (k1 * b * length) / usualLength);

/** The facets by whose value a question may be narrowed to few documents. */
const narrowing = ({ session, key, author, tags, entities }: Facets): ReadonlySet<number> =>
  new Set([session, key, author, ...tags, ...entities].filter((name) => name > 0));

interface Columns {
  readonly postings: { kind: number[]; term: number[]; impact: number[]; doc: number[]; passage: number[] };
  readonly documents: number[][];
  /** By kind, then term. */
  readonly terms: Map<number, Map<number, number>>;
}

const readDocument = ({ postings, documents, terms }: Columns, { n, kind, entry }: EnteredDocument): void => {
  const { facets, bag } = decodeEntry(entry);
  const heldBack = facets.quarantined === true;
  const counts = terms.get(kind) ?? new Map<number, number>();
  terms.set(kind, counts);
  const note = (term: number, impact: number, passage: number): void => {
    postings.kind.push(kind);
    postings.term.push(term);
    postings.impact.push(impact);
    postings.doc.push(n);
    postings.passage.push(passage);
    counts.set(term, (counts.get(term) ?? 0) + 1);
  };
  let [head, count, length, all, passage] = [0, 0, 0, 0, -1];
  visitBag(bag, {
    start: (headLength, _own, passages) => {
      head = headLength;
      count = passages;
    },
    passage: (termsOfIt) => {
      passage++;
      length = Math.min(longestPassage, termsOfIt);
      all += length;
    },
    posting: (term, frequency) => {
      if (!heldBack && passage < mostPassages) note(term, impactOf(frequency, length), passage);
    },
  });
  if (!heldBack) for (const name of narrowing(facets)) note(name, 1, -1);
  documents.push([n, kind, heldBack ? -1 : facets.session, facets.position, count, all, facets.session > 0 ? head : 0]);
};

const column = (rows: readonly (readonly number[])[], at: number): readonly number[] => rows.map((row) => row[at]!);

/** Documents that are current and were not entered before. */
export const enterDocuments = (send: Send, space: string, entering: readonly EnteredDocument[]): void => {
  if (entering.length === 0) return;
  const columns: Columns = {
    postings: { kind: [], term: [], impact: [], doc: [], passage: [] },
    documents: [],
    terms: new Map(),
  };
  for (const document of entering) readDocument(columns, document);
  const { postings, documents, terms } = columns;
  send(
    `INSERT INTO postings (space, kind, term, impact, doc, passage)
     SELECT $1, * FROM unnest($2::smallint[], $3::integer[], $4::real[], $5::bigint[], $6::smallint[])`,
    [space, postings.kind, postings.term, postings.impact, postings.doc, postings.passage],
  );
  send(
    `INSERT INTO entered (space, doc, kind, session, position, passages, length, head)
     SELECT $1, * FROM unnest($2::bigint[], $3::smallint[], $4::integer[], $5::double precision[], $6::integer[], $7::integer[], $8::integer[])`,
    [space, ...[0, 1, 2, 3, 4, 5, 6].map((at) => column(documents, at))],
  );
  const held = [...terms].flatMap(([kind, counts]) => [...counts].map(([term, count]) => [kind, term, count]));
  send(
    `INSERT INTO term_counts (space, kind, term, passages)
     SELECT $1, * FROM unnest($2::smallint[], $3::integer[], $4::integer[])
     ON CONFLICT (space, kind, term) DO UPDATE SET passages = term_counts.passages + excluded.passages`,
    [space, column(held, 0), column(held, 1), column(held, 2)],
  );
  send(
    `INSERT INTO large_counts (space, kind, documents, passages, length, head, borrowed)
     SELECT $1, n.kind, count(*), sum(n.passages), sum(n.length), sum(n.head), 0
     FROM unnest($2::smallint[], $3::integer[], $4::integer[], $5::integer[]) AS n (kind, passages, length, head) GROUP BY n.kind
     ON CONFLICT (space, kind) DO UPDATE SET documents = large_counts.documents + excluded.documents,
       passages = large_counts.passages + excluded.passages, length = large_counts.length + excluded.length,
       head = large_counts.head + excluded.head`,
    [space, column(documents, 1), column(documents, 4), column(documents, 5), column(documents, 6)],
  );
};

/** Of documents that are entered and not held back; others are passed over. */
export const enterVectors = (send: Send, space: string, part: number, vectors: readonly EnteredVector[]): void => {
  if (vectors.length === 0) return;
  send(
    `INSERT INTO ${nearestTable(space)} (space, part, doc, generation, chunk, kind, vector)
     SELECT $1, $2, v.doc, v.generation, v.chunk, e.kind, v.vector::halfvec
     FROM unnest($3::bigint[], $4::integer[], $5::smallint[], $6::text[]) AS v (doc, generation, chunk, vector)
     CROSS JOIN LATERAL (SELECT kind FROM entered WHERE space = $1 AND doc = v.doc AND session >= 0 LIMIT 1) e
     ON CONFLICT (space, part, doc, generation, chunk) DO UPDATE SET vector = excluded.vector`,
    [
      space,
      part,
      vectors.map(({ doc }) => doc),
      vectors.map(({ generation }) => generation),
      vectors.map(({ chunk }) => chunk),
      vectors.map(({ vector }) => halfvec(vector)),
    ],
  );
};

/** As pgvector reads it; half precision keeps no more than these digits. */
export const halfvec = (vector: Float32Array): string => {
  let text = "[";
  for (let at = 0; at < vector.length; at++) text += `${at === 0 ? "" : ","}${Math.round(vector[at]! * 1e5) / 1e5}`;
  return `${text}]`;
};

/** Documents that are not current any more; those that were not entered are passed over. */
export const leave = (send: Send, space: string, part: number, docs: readonly number[]): void => {
  if (docs.length === 0) return;
  send(
    `WITH gone AS (
       DELETE FROM postings WHERE space = $1 AND ctid = ANY (ARRAY(
         SELECT p.ctid FROM unnest($2::bigint[]) AS w (doc)
         CROSS JOIN LATERAL (SELECT ctid FROM postings WHERE space = $1 AND doc = w.doc OFFSET 0) p
       )) RETURNING kind, term
     ), held AS (SELECT kind, term, count(*)::integer AS passages FROM gone GROUP BY kind, term),
     found AS (
       SELECT c.ctid AS at, c.passages - h.passages AS rest FROM held h CROSS JOIN LATERAL (
         SELECT ctid, passages FROM term_counts WHERE space = $1 AND kind = h.kind AND term = h.term LIMIT 1
       ) c
     ), ended AS (
       DELETE FROM term_counts WHERE space = $1 AND ctid = ANY (ARRAY(SELECT at FROM found WHERE rest <= 0))
     )
     UPDATE term_counts SET passages = found.rest FROM found
     WHERE term_counts.space = $1 AND term_counts.ctid = found.at AND found.rest > 0`,
    [space, docs],
  );
  send(
    `WITH gone AS (
       DELETE FROM entered WHERE space = $1 AND doc = ANY ($2::bigint[]) RETURNING kind, passages, length, head
     )
     UPDATE large_counts SET documents = documents - g.documents, passages = large_counts.passages - g.passages,
       length = large_counts.length - g.length, head = large_counts.head - g.head
     FROM (SELECT kind, count(*) AS documents, sum(passages) AS passages, sum(length) AS length, sum(head) AS head
           FROM gone GROUP BY kind) g
     WHERE large_counts.space = $1 AND large_counts.kind = g.kind`,
    [space, docs],
  );
  send(`DELETE FROM ${nearestTable(space)} WHERE space = $1 AND part = $3 AND doc = ANY ($2::bigint[])`, [space, docs, part]);
};
