/** What must hold between the tables of a space, as SQL that finds what breaks it. Every query begins at `FROM`. */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { type FindingKind, findingKinds, strayKnowledge as strayRows } from "@cairn/memory/space/check-findings";
import { docKind } from "@cairn/memory/write/write-store";
import { chunksPerDoc } from "../space/space-index.ts";
import { type SlotTables, tablesOf } from "../space/space-models.ts";
import { ranks } from "../write/store/vectors.ts";

export interface Rule {
  readonly kind: FindingKind;
  readonly sql: string;
}

export const unindexed = `
  FROM memories m LEFT JOIN docs d ON d.n = m.doc AND d.kind = ${docKind.memory} AND d.owner = m.row
  WHERE m.state = 0 AND (d.n IS NULL OR d.entry IS NULL OR d.to_at IS NOT NULL OR d.version <> m.version)`;
export const unindexedChunks = `
  FROM session_chunks c LEFT JOIN docs d ON d.n = c.doc AND d.kind = ${docKind.chunk} AND d.owner = c.row
  WHERE d.n IS NULL OR d.entry IS NULL OR d.to_at IS NOT NULL`;
export const strayDocs = `
  FROM docs d WHERE d.entry IS NOT NULL AND d.to_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM memories m WHERE d.kind = ${docKind.memory} AND m.doc = d.n AND m.state = 0
    UNION ALL SELECT 1 FROM session_chunks c WHERE d.kind = ${docKind.chunk} AND c.doc = d.n)`;
export const vectorTables = ["q8", "v", "next_q8", "next_v"] as const;
type VectorTable = (typeof vectorTables)[number];
export const strayVectors = (table: VectorTable): string =>
  `FROM ${table} WHERE NOT EXISTS (SELECT 1 FROM docs d WHERE d.n = ${table}.id / ${chunksPerDoc} AND d.entry IS NOT NULL)`;
/** A vector is kept twice, or it is not to be trusted. */
export const unequalVectors = ({ q8, v }: SlotTables): string => `
  FROM (SELECT id FROM ${q8} WHERE NOT EXISTS (SELECT 1 FROM ${v} WHERE ${v}.id = ${q8}.id)
    UNION ALL SELECT id FROM ${v} WHERE NOT EXISTS (SELECT 1 FROM ${q8} WHERE ${q8}.id = ${v}.id))`;
/** Vectors that do not have the model's dimensions. */
export const misshapenVectors = ({ q8, v }: SlotTables, { dimensions }: EmbeddingModel): string => `
  FROM (SELECT id FROM ${q8} WHERE length(bytes) <> ${dimensions}
    UNION ALL SELECT id FROM ${v} WHERE length(f32) <> ${4 * dimensions})`;

/** Documents that await vectors of one of the two models. */
export const awaiting = ({ next }: SlotTables): string => `FROM awaiting_vectors WHERE next = ${next}`;
const hasVectors = ({ v }: SlotTables, doc: string): string =>
  `EXISTS (SELECT 1 FROM ${v} WHERE id = ${doc} * ${chunksPerDoc})`;
/** Documents that have no vectors, of which it is not noted either that they await them or that they need none. */
export const unnoted = (slot: SlotTables): string => `
  FROM docs WHERE entry IS NOT NULL AND NOT ${hasVectors(slot, "docs.n")}
  AND NOT EXISTS (SELECT 1 FROM wordless w WHERE w.next = ${slot.next} AND w.doc = docs.n)
  AND NOT EXISTS (SELECT 1 FROM awaiting_vectors a WHERE a.next = ${slot.next} AND a.doc = docs.n AND a.rank IN (${ranks}))`;
/** What is noted of documents that are gone, or have their vectors, or of no model. */
export const wrongNotes = (["awaiting_vectors", "wordless"] as const).flatMap((table) => [
  ...Object.values(tablesOf).map(
    (slot) => `
  FROM ${table} WHERE next = ${slot.next} AND (${hasVectors(slot, "doc")}
    OR NOT EXISTS (SELECT 1 FROM docs d WHERE d.n = doc AND d.entry IS NOT NULL))`,
  ),
  `FROM ${table} WHERE next = 1 AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'next_model')`,
]);
export const wrongTags = `
  FROM memories m WHERE m.state = 0 AND EXISTS (
    SELECT value FROM json_each(m.tags) EXCEPT SELECT tag FROM memory_tags WHERE memory = m.row)
  OR m.state = 0 AND (SELECT count(*) FROM memory_tags t WHERE t.memory = m.row) <> (SELECT count(DISTINCT value) FROM json_each(m.tags))`;

const isGone = (column: string): string => `NOT EXISTS (SELECT 1 FROM memories WHERE row = ${column} AND state = 0)`;
/** What is known from memories that are no longer current, by table. */
export const strayKnowledge = [
  ...["memory_tags", "mentions", "relations", "aliases", "claims"].map(
    (table) => `FROM ${table} WHERE ${isGone("memory")}`,
  ),
  `FROM conflicts WHERE ${isGone("memory")} OR ${isGone("other")}`,
  "FROM entities WHERE NOT EXISTS (SELECT 1 FROM mentions WHERE entity = entities.id)",
];

export const rules: readonly Rule[] = [
  { kind: findingKinds.memoriesUnindexed, sql: unindexed },
  { kind: findingKinds.chunksUnindexed, sql: unindexedChunks },
  { kind: findingKinds.entriesStray, sql: strayDocs },
  ...vectorTables.map((table) => ({ kind: findingKinds.vectorsStray, sql: strayVectors(table) })),
  ...Object.values(tablesOf).map((slot) => ({ kind: findingKinds.vectorsUnequal, sql: unequalVectors(slot) })),
  ...wrongNotes.map((sql) => ({ kind: findingKinds.vectorsMisnoted, sql })),
  { kind: findingKinds.tagsUnequal, sql: wrongTags },
  ...strayKnowledge.map((sql) => ({ kind: strayRows(/FROM (\w+)/.exec(sql)?.[1] ?? ""), sql })),
];
