/**
 * Entering documents of a large space into the tables that its questions are answered from. Inside a transaction that
 * holds the space's lock, so that counts stay exact; statements are sent together. How they leave: leave.ts.
 */
import { visitBag } from "@cairn/memory/recall/bag";
import { decodeEntry, type Facets } from "@cairn/memory/recall/entry";
import { tuning } from "@cairn/memory/recall/tuning";
import type { Value } from "../../connection/pool.ts";
import { blockOf, pushPosting } from "./packed.ts";
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

/** What a term that occurs `frequency` times among `length` adds to a passage, apart from the term's own worth; 0..1. */
const impactOf = (frequency: number, length: number): number =>
  frequency / (frequency + k1 * (1 - b) + (k1 * b * length) / usualLength);

/** The facets by whose value a question may be narrowed to few documents. */
const narrowing = ({ session, key, author, tags, entities }: Facets): ReadonlySet<number> =>
  new Set([session, key, author, ...tags, ...entities].filter((name) => name > 0));

/** Calls `visit` with each term of each passage, and each facet, that is entered of a document; none of one held back. */
export const visitPostings = (entry: Uint8Array, visit: (name: number, impact: number) => void): void => {
  const { facets, bag } = decodeEntry(entry);
  if (facets.quarantined === true) return;
  let length = 0;
  visitBag(bag, {
    start: () => undefined,
    passage: (terms) => {
      length = Math.min(longestPassage, terms);
    },
    posting: (term, frequency) => visit(term, impactOf(frequency, length)),
  });
  for (const name of narrowing(facets)) visit(name, 1);
};

/** Number, kind, session, position, passages, length, head. */
const rowOf = ({ n, kind, entry }: EnteredDocument): readonly number[] => {
  const { facets, bag } = decodeEntry(entry);
  let [head, passages, length] = [0, 0, 0];
  visitBag(bag, {
    start: (headLength, _own, count) => {
      head = headLength;
      passages = count;
    },
    passage: (terms) => {
      length += Math.min(longestPassage, terms);
    },
    posting: () => undefined,
  });
  const session = facets.quarantined === true ? -1 : facets.session;
  return [n, kind, session, facets.position, passages, length, session > 0 ? head : 0];
};

interface Postings {
  /** By kind, term and block. */
  readonly blocks: ReadonlyMap<string, { readonly key: readonly number[]; readonly bytes: number[] }>;
  readonly counts: ReadonlyMap<string, readonly [kind: number, term: number, count: number]>;
}

const postingsOf = (documents: readonly EnteredDocument[]): Postings => {
  const blocks = new Map<string, { readonly key: readonly number[]; readonly bytes: number[] }>();
  const counts = new Map<string, readonly [number, number, number]>();
  for (const { n, kind, entry } of documents) {
    const block = blockOf(n);
    visitPostings(entry, (term, impact) => {
      const name = `${kind}/${term}`;
      const place = `${name}/${block}`;
      const known = blocks.get(place) ?? { key: [kind, term, block], bytes: [] };
      blocks.set(place, known);
      pushPosting(known.bytes, n, impact);
      counts.set(name, [kind, term, (counts.get(name)?.[2] ?? 0) + 1]);
    });
  }
  return { blocks, counts };
};

export const column = (rows: readonly (readonly number[])[], at: number): readonly number[] =>
  rows.map((row) => row[at]!);

/** Documents that are current and were not entered before. */
export const enterDocuments = (send: Send, space: string, entering: readonly EnteredDocument[]): void => {
  if (entering.length === 0) return;
  const { blocks, counts } = postingsOf(entering);
  const packed = [...blocks.values()];
  const keys = packed.map(({ key }) => key);
  send(
    `INSERT INTO postings (space, kind, term, block, bytes)
     SELECT $1, * FROM unnest($2::smallint[], $3::integer[], $4::integer[], $5::bytea[])
     ON CONFLICT (space, kind, term, block) DO UPDATE SET bytes = postings.bytes || excluded.bytes`,
    [space, column(keys, 0), column(keys, 1), column(keys, 2), packed.map(({ bytes }) => Uint8Array.from(bytes))],
  );
  const documents = entering.map(rowOf);
  send(
    `INSERT INTO entered (space, doc, kind, session, position, passages, length, head)
     SELECT $1, * FROM unnest($2::bigint[], $3::smallint[], $4::integer[], $5::double precision[], $6::integer[], $7::integer[], $8::integer[])`,
    [space, ...[0, 1, 2, 3, 4, 5, 6].map((at) => column(documents, at))],
  );
  const held = [...counts.values()];
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

/** As pgvector reads it; half precision keeps no more than these digits. */
export const halfvec = (vector: Float32Array): string => {
  let text = "[";
  for (let at = 0; at < vector.length; at++) text += `${at === 0 ? "" : ","}${Math.round(vector[at]! * 1e5) / 1e5}`;
  return `${text}]`;
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
