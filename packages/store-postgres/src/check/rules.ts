/**
 * What must hold between the tables of a space, as conditions on the rows that break it. Each is a look-up for every row
 * of `t`: `OFFSET 0` keeps the planner from making a join of it, which it would plan for a space of average size.
 */
import { findingKinds, type FindingKind, strayKnowledge as strayRows } from "@cairn/memory/space/check-findings";
import { docKind, vectorRank } from "@cairn/memory/write/write-store";
import type { SpaceState } from "../read/space-state.ts";
import type { Range } from "./ranges.ts";

type Key = "row" | "n" | "doc" | "memory" | "id";

/** `$1` is the space, `$2` and `$3` bound the key; of a model's vectors `$4` is the generation and `$5` the dimensions. */
export interface Rule {
  readonly kind: FindingKind;
  /** Of the table `t`. */
  readonly table: string;
  readonly key: Key;
  readonly broken: string;
}

const exists = (from: string): string => `EXISTS (SELECT 1 FROM ${from} OFFSET 0)`;
const documentOf = (doc: string): string => `docs d WHERE d.space = $1 AND d.n = ${doc}`;

export const unindexed: Rule = {
  kind: findingKinds.memoriesUnindexed,
  table: "memories",
  key: "row",
  broken: `t.state = 0 AND NOT ${exists(`${documentOf("t.doc")} AND d.kind = ${docKind.memory} AND d.owner = t.row
    AND d.entry IS NOT NULL AND d.to_at IS NULL AND d.version = t.version`)}`,
};
export const wrongTags: Rule = {
  kind: findingKinds.tagsUnequal,
  table: "memories",
  key: "row",
  broken: `t.state = 0 AND (
    EXISTS (SELECT unnest(t.tags) EXCEPT SELECT g.tag FROM memory_tags g WHERE g.space = $1 AND g.memory = t.row)
    OR EXISTS (SELECT g.tag FROM memory_tags g WHERE g.space = $1 AND g.memory = t.row EXCEPT SELECT unnest(t.tags)))`,
};
export const unindexedChunks: Rule = {
  kind: findingKinds.chunksUnindexed,
  table: "session_chunks",
  key: "row",
  broken: `NOT ${exists(`${documentOf("t.doc")} AND d.kind = ${docKind.chunk} AND d.owner = t.row
    AND d.entry IS NOT NULL AND d.to_at IS NULL`)}`,
};
export const strayDocuments: Rule = {
  kind: findingKinds.entriesStray,
  table: "docs",
  key: "n",
  broken: `t.entry IS NOT NULL AND t.to_at IS NULL
    AND NOT (t.kind = ${docKind.memory} AND ${exists("memories m WHERE m.space = $1 AND m.row = t.owner AND m.doc = t.n AND m.state = 0")})
    AND NOT (t.kind = ${docKind.chunk} AND ${exists("session_chunks c WHERE c.space = $1 AND c.row = t.owner AND c.doc = t.n")})`,
};

/** Sets that no model has or will get: those of earlier models are removed by and by, and are no damage. */
const ofNoModel = "t.generation > (SELECT s.last_generation FROM space_state s WHERE s.space = $1)";
const ofNoText = `NOT ${exists(`${documentOf("t.doc")} AND d.entry IS NOT NULL`)}`;
export const strayVectors: readonly Rule[] = ["q8", "f32"].map((table) => ({
  kind: findingKinds.vectorsStray,
  table,
  key: "doc",
  broken: `${ofNoModel} OR ${ofNoText}`,
}));
const hasVectors = (doc: string): string =>
  exists(`f32 v WHERE v.space = $1 AND v.generation = t.generation AND v.doc = ${doc}`);
/** What is noted of documents that are gone, or have their vectors, or are noted twice. */
export const wrongNotes: readonly Rule[] = [
  {
    kind: findingKinds.vectorsMisnoted,
    table: "awaiting_vectors",
    key: "doc",
    broken: `${ofNoModel} OR ${ofNoText} OR ${hasVectors("t.doc")} OR t.rank NOT IN (0, 1, 2)
      OR ${exists("awaiting_vectors a WHERE a.space = $1 AND a.generation = t.generation AND a.rank < t.rank AND a.rank IN (0, 1, 2) AND a.doc = t.doc")}`,
  },
  {
    kind: findingKinds.vectorsMisnoted,
    table: "wordless",
    key: "doc",
    broken: `${ofNoModel} OR ${ofNoText} OR ${hasVectors("t.doc")}
      OR ${exists("awaiting_vectors a WHERE a.space = $1 AND a.generation = t.generation AND a.rank IN (0, 1, 2) AND a.doc = t.doc")}`,
  },
];

const inOther = (other: string): string =>
  exists(`${other} o WHERE o.space = $1 AND o.generation = t.generation AND o.doc = t.doc AND o.chunk = t.chunk`);
const ofModel = "t.generation = $4 AND";
/** A vector is kept twice, or it is not to be trusted. */
export const unequalVectors: readonly Rule[] = [
  ["q8", "f32"],
  ["f32", "q8"],
].map(([table = "", other = ""]) => ({
  kind: findingKinds.vectorsUnequal,
  table,
  key: "doc",
  broken: `${ofModel} NOT ${inOther(other)}`,
}));
export const misshapenVectors: readonly Rule[] = [
  ["q8", "$5::integer"],
  ["f32", "4 * $5::integer"],
].map(([table = "", bytes = ""]) => ({
  kind: findingKinds.vectorsMisshapen,
  table,
  key: "doc",
  broken: `${ofModel} length(t.bytes) <> ${bytes}`,
}));

const noted = (table: string, doc: string): string =>
  exists(`${table} w WHERE w.space = $1 AND w.generation = $4 AND w.doc = ${doc}`);
/** Documents without vectors, of which it is not noted either that they await them or that they need none. */
export const unnoted: Rule = {
  kind: findingKinds.vectorsLost,
  table: "docs",
  key: "n",
  broken: `t.entry IS NOT NULL AND NOT ${noted("f32", "t.n")} AND NOT ${noted("wordless", "t.n")}
    AND NOT ${exists("awaiting_vectors a WHERE a.space = $1 AND a.generation = $4 AND a.rank IN (0, 1, 2) AND a.doc = t.n")}`,
};
/** The rank under which such a document awaits its vectors. */
export const rankInSql = `CASE WHEN t.to_at IS NOT NULL THEN ${vectorRank.closed}
  WHEN t.kind = ${docKind.memory} THEN ${vectorRank.memory} ELSE ${vectorRank.chunk} END`;

const isGone = (row: string): string =>
  `NOT ${exists(`memories m WHERE m.space = $1 AND m.row = ${row} AND m.state = 0`)}`;
/** What is known from memories that are no longer current. */
export const strayKnowledge: readonly Rule[] = [
  ...["memory_tags", "mentions", "relations", "aliases", "claims"].map((table): Rule => ({
    kind: strayRows(table),
    table,
    key: "memory",
    broken: isGone("t.memory"),
  })),
  {
    kind: strayRows("conflicts"),
    table: "conflicts",
    key: "memory",
    broken: `${isGone("t.memory")} OR ${isGone("t.other")}`,
  },
  {
    kind: strayRows("entities"),
    table: "entities",
    key: "id",
    broken: `NOT ${exists("mentions n WHERE n.space = $1 AND n.entity = t.id")}`,
  },
];

/** The last number that a rule's key may have. */
export const lastOf = ({ table, key }: Rule, state: SpaceState): number => {
  if (key === "n" || key === "doc") return state.lastDoc;
  return table === "entities" ? state.lastEntity : state.lastRow;
};

/** `FROM …` on, to be counted, read or deleted. */
export const brokenRows = ({ table, key, broken }: Rule): string =>
  `FROM ${table} t WHERE t.space = $1 AND t.${key} > $2 AND t.${key} <= $3 AND (${broken})`;

export interface OfModel {
  readonly generation: number;
  readonly dimensions: number;
}

/** The values of the rule's parameters; a statement must be given exactly those that it names. */
export const valuesOf = (rule: Rule, space: string, { after, upTo }: Range, model?: OfModel): (string | number)[] => {
  const { generation = 0, dimensions = 0 } = model ?? {};
  const values = [space, after, upTo];
  if (rule.broken.includes("$4")) values.push(generation);
  if (rule.broken.includes("$5")) values.push(dimensions);
  return values;
};
