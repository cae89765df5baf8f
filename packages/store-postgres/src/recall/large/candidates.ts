/**
 * Which documents of a large space may be among the best: the nearest by their vectors, and those in which the question's
 * words are most telling. Read by indexes alone; what is found here is scored exactly afterwards.
 */
import { idf } from "@cairn/memory/recall/bm25";
import type { FacetFilter } from "@cairn/memory/recall/facet-columns";
import { makeTopList } from "@cairn/memory/recall/top-list";
import { tuning } from "@cairn/memory/recall/tuning";
import type { Connection } from "../../connection/pool.ts";
import { halfvec } from "./enter.ts";
import { blockBits, blockOf, eachPosting } from "./packed.ts";
import { nearestTable } from "./partition.ts";

/** Of each kind. */
export interface KindFigures {
  readonly documents: number;
  readonly passages: number;
  readonly length: number;
  /** Whether any document is in a session, where it lends and borrows words. */
  readonly lends: boolean;
}

export interface Seeking {
  readonly connection: Connection;
  readonly space: string;
  readonly part: number;
  readonly generation: number;
  readonly kind: number;
  readonly figures: KindFigures;
}

/** Documents of a filter that are read and scored at most. */
const mostFiltered = 4_000;
/** Documents that are read and scored, by their words and by their vectors. */
const mostByWords = 700;
const mostByVector = 100;

interface Found {
  readonly docs: readonly number[];
  /** How many passages hold each term. */
  readonly holding: ReadonlyMap<number, number>;
  /** Every document that the filter lets through is among them. */
  readonly whole: boolean;
}

interface TermRow {
  readonly term: number;
  readonly passages: number;
  readonly postings: Uint8Array | null;
}

/** `$4`: terms that more passages hold are only counted. */
export const postingsSql = `SELECT w.term, coalesce(c.passages, 0) AS passages, CASE WHEN c.passages <= $4 THEN (
    SELECT string_agg(int4send(p.block) || int4send(length(p.bytes)) || p.bytes, ''::bytea) FROM (
      SELECT block, bytes FROM postings WHERE space = $1 AND kind = $2 AND term = w.term OFFSET 0
    ) p
  ) END AS postings
  FROM unnest($3::integer[]) AS w (term) LEFT JOIN LATERAL (
    SELECT passages FROM term_counts WHERE space = $1 AND kind = $2 AND term = w.term LIMIT 1
  ) c ON true`;

export const nearestSql = (space: string, part: number, generation: number, dimensions: number): string =>
  `SELECT doc, 1 - (vector::halfvec(${dimensions}) <=> $3::halfvec(${dimensions})) AS cosine FROM ${nearestTable(space)}
   WHERE space = $1 AND part = ${part} AND generation = ${generation} AND kind = $2
   ORDER BY vector::halfvec(${dimensions}) <=> $3::halfvec(${dimensions}) LIMIT ${mostByVector}`;

const everyTerm = 2 ** 31 - 1;

const readTerms = async (
  { connection, space, kind }: Seeking,
  terms: readonly number[],
  most: number,
): Promise<readonly TermRow[]> =>
  terms.length === 0 ? [] : connection.query<TermRow>(postingsSql, [space, kind, [...terms], most]);

/** The rows of the terms that tell something (tuning.commonShare), and how many passages hold each. */
const tellingTerms = async (
  seeking: Seeking,
  terms: readonly number[],
  large: boolean,
): Promise<readonly TermRow[]> => {
  const known = terms.filter((term) => term >= 0);
  const { passages } = seeking.figures;
  const most = large ? Math.floor(tuning.commonShare * Math.max(1, passages)) : everyTerm;
  const rows = await readTerms(seeking, known, most);
  return rows.some((row) => row.postings !== null) ? rows : readTerms(seeking, known, everyTerm);
};

/** Calls `visit` with each posting of a term. */
const eachDocument = ({ postings }: TermRow, visit: (doc: number, impact: number) => void): void => {
  if (postings === null) return;
  const view = new DataView(postings.buffer, postings.byteOffset, postings.byteLength);
  for (let at = 0; at < postings.length;) {
    const end = at + 8 + view.getInt32(at + 4);
    eachPosting(view.getInt32(at), postings.subarray(at + 8, end), visit);
    at = end;
  }
};

/** Whatever the planner knows of a partition, it is read in the order of its index and not sorted as a whole. */
export const sorting = "SELECT set_config('enable_sort', $1, true)";

const findNearest = async (
  { connection, space, part, generation, kind }: Seeking,
  vector: Float32Array,
): Promise<ReadonlyMap<number, number>> => {
  const [, rows] = await Promise.all([
    connection.query(sorting, ["off"]),
    connection.query<{ doc: number; cosine: number }>(nearestSql(space, part, generation, vector.length), [
      space,
      kind,
      halfvec(vector),
    ]),
    connection.query(sorting, ["on"]),
  ]);
  const best = new Map<number, number>();
  for (const { doc, cosine } of rows) best.set(doc, Math.max(cosine, best.get(doc) ?? 0));
  return best;
};

/** Settings of the index, for the transaction; before its first question. */
export const searchSettings =
  "SELECT set_config('hnsw.ef_search', '100', true), set_config('hnsw.iterative_scan', 'relaxed_order', true)";

/** Sums by document, whose numbers lie close together. */
const makeSums = () => {
  const blocks = new Map<number, Float32Array>();
  let lastBlock = -1;
  let last: Float32Array = new Float32Array(0);
  return {
    add: (doc: number, by: number): void => {
      const block = blockOf(doc);
      if (block !== lastBlock) {
        last = blocks.get(block) ?? new Float32Array(1 << blockBits);
        lastBlock = block;
        blocks.set(block, last);
      }
      last[doc - block * (1 << blockBits)]! += by;
    },
    each: (visit: (doc: number, sum: number) => void): void => {
      for (const [block, sums] of blocks)
        for (let at = 0; at < sums.length; at++) if (sums[at]! > 0) visit(block * (1 << blockBits) + at, sums[at]!);
    },
  };
};

/** What has most words in common, by a sum that leaves out what stands around each document. */
const bestByWords = (
  rows: readonly TermRow[],
  { figures }: Seeking,
  nearest: ReadonlyMap<number, number>,
): readonly number[] => {
  const sums = makeSums();
  let whole = 0;
  for (const row of rows) {
    if (row.postings === null) continue;
    const worth = idf(figures.passages, row.passages);
    whole += worth;
    let [last, highest] = [-1, 0];
    eachDocument(row, (doc, impact) => {
      // Of several passages the best counts.
      if (doc !== last) highest = 0;
      last = doc;
      if (impact <= highest) return;
      sums.add(doc, worth * (impact - highest));
      highest = impact;
    });
  }
  const top = makeTopList(mostByWords);
  sums.each((doc, sum) => top.offer(doc, sum / whole + tuning.dense * (nearest.get(doc) ?? 0)));
  return top.best().map(({ item }) => item);
};

/** `compared`: whether the vector says anything. */
export const findCandidates = async (
  seeking: Seeking,
  terms: readonly number[],
  vector: Float32Array,
  { compared, large }: { readonly compared: boolean; readonly large: boolean },
): Promise<Found> => {
  const [nearest, rows] = await Promise.all([
    compared ? findNearest(seeking, vector) : new Map<number, number>(),
    tellingTerms(seeking, terms, large),
  ]);
  return {
    docs: [...new Set([...nearest.keys(), ...bestByWords(rows, seeking, nearest)])],
    holding: new Map(rows.map(({ term, passages }) => [term, passages] as const)),
    whole: false,
  };
};

/** The facets by which a filter may be looked up; each list holds all that the filter lets through. */
const lookUps = ({ session, key, author, entity, tags = [], anyTag }: FacetFilter): readonly (readonly number[])[] => [
  ...[session, key, author, entity].flatMap((name) => (name === undefined ? [] : [[name]])),
  ...(anyTag === true ? (tags.length === 0 ? [] : [tags]) : tags.map((tag) => [tag])),
];

/**
 * Everything that a filter lets through, and perhaps more; null where that is too much, or can only be found by looking
 * at each document.
 */
export const findFiltered = async (
  seeking: Seeking,
  terms: readonly number[],
  filter: FacetFilter,
  large: boolean,
): Promise<Found | null> => {
  const lists = lookUps(filter);
  if (lists.length === 0) return null;
  const { connection, space, kind } = seeking;
  const names = lists.flat().filter((name) => name >= 0);
  const counts = await connection.query<{ term: number; passages: number }>(
    `SELECT w.term, c.passages FROM unnest($3::integer[]) AS w (term) CROSS JOIN LATERAL (
       SELECT passages FROM term_counts WHERE space = $1 AND kind = $2 AND term = w.term LIMIT 1
     ) c`,
    [space, kind, [...new Set([...names, ...terms.filter((term) => term >= 0)])]],
  );
  const holding = new Map(counts.map(({ term, passages }) => [term, passages] as const));
  const sizeOf = (list: readonly number[]): number => list.reduce((sum, name) => sum + (holding.get(name) ?? 0), 0);
  const [shortest] = lists.toSorted((one, other) => sizeOf(one) - sizeOf(other));
  if (sizeOf(shortest!) > mostFiltered) return null;
  const rows = await readTerms(
    seeking,
    shortest!.filter((name) => name >= 0),
    everyTerm,
  );
  const docs = new Set<number>();
  for (const row of rows) eachDocument(row, (doc) => docs.add(doc));
  // How far words spread by being lent is seen where they are most telling, whatever the filter lets through.
  if (seeking.figures.lends)
    for (const doc of bestByWords(await tellingTerms(seeking, terms, large), seeking, new Map())) docs.add(doc);
  return { docs: [...docs], holding, whole: true };
};
