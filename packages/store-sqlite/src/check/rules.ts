/** What must hold between the tables of a space, as SQL that finds what breaks it. Every query begins at `FROM`. */
import { chunksPerDoc, docKind } from "../space/space-index.ts";

export interface Rule {
  readonly code: string;
  readonly sql: string;
  readonly message: (count: number) => string;
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
export const strayVectors = (table: "q8" | "v"): string =>
  `FROM ${table} WHERE NOT EXISTS (SELECT 1 FROM docs d WHERE d.n = ${table}.id / ${chunksPerDoc} AND d.entry IS NOT NULL)`;
/** A vector is kept twice, or it is not to be trusted. */
export const unequalVectors = (table: "q8" | "v"): string => {
  const other = table === "v" ? "q8" : "v";
  return `FROM ${table} WHERE NOT EXISTS (SELECT 1 FROM ${other} WHERE ${other}.id = ${table}.id)`;
};
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
  { code: "index.missing", sql: unindexed, message: (n) => `${n} memories are not in the search index.` },
  {
    code: "index.missing",
    sql: unindexedChunks,
    message: (n) => `${n} pieces of sessions are not in the search index.`,
  },
  { code: "index.stray", sql: strayDocs, message: (n) => `${n} index entries belong to nothing.` },
  { code: "vectors.stray", sql: strayVectors("q8"), message: (n) => `${n} vectors belong to nothing.` },
  { code: "vectors.stray", sql: strayVectors("v"), message: (n) => `${n} float vectors belong to nothing.` },
  { code: "vectors.unequal", sql: unequalVectors("v"), message: (n) => `${n} vectors lack their compact form.` },
  { code: "vectors.unequal", sql: unequalVectors("q8"), message: (n) => `${n} vectors lack their float form.` },
  { code: "tags.unequal", sql: wrongTags, message: (n) => `${n} memories are not listed under their tags.` },
  ...strayKnowledge.map((sql) => ({
    code: "knowledge.stray",
    sql,
    message: (n: number) => `${n} rows of ${/FROM (\w+)/.exec(sql)?.[1]} belong to no current memory.`,
  })),
];
