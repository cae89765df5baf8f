/** What a check of a space may find, in the words that every engine uses for it. */
import type { CheckFinding } from "./engine.ts";

export interface FindingKind {
  readonly code: string;
  readonly message: (count: number) => string;
}

export const findingKinds = {
  memoriesUnindexed: { code: "index.missing", message: (n) => `${n} memories are not in the search index.` },
  chunksUnindexed: { code: "index.missing", message: (n) => `${n} pieces of sessions are not in the search index.` },
  entriesStray: { code: "index.stray", message: (n) => `${n} index entries belong to nothing.` },
  entriesDamaged: { code: "index.damaged", message: (n) => `${n} index entries cannot be read.` },
  vectorsStray: { code: "vectors.stray", message: (n) => `${n} vectors belong to nothing.` },
  vectorsUnequal: {
    code: "vectors.unequal",
    message: (n) => `${n} vectors lack their compact form, or their exact one.`,
  },
  vectorsMisshapen: { code: "vectors.misshapen", message: (n) => `${n} vectors are not of their model's size.` },
  vectorsMisnoted: {
    code: "vectors.misnoted",
    message: (n) => `${n} texts are wrongly noted as having no vector.`,
  },
  vectorsLost: {
    code: "vectors.lost",
    message: (n) => `${n} texts have lost their vectors and are found by words only.`,
  },
  vectorsMissing: {
    code: "vectors.missing",
    message: (n) => `${n} texts have no vector yet and are found by words only.`,
  },
  tagsUnequal: { code: "tags.unequal", message: (n) => `${n} memories are not listed under their tags.` },
  countersWrong: { code: "counters.wrong", message: (n) => `${n} counters of the space are not what its rows say.` },
} as const satisfies Readonly<Record<string, FindingKind>>;

/** Rows of a table of entities, relations, claims and the like. */
export const strayKnowledge = (table: string): FindingKind => ({
  code: "knowledge.stray",
  message: (n) => `${n} rows of ${table} belong to no current memory.`,
});

export const analyzerChanged: CheckFinding = {
  code: "index.analyzer_changed",
  message: "The texts were indexed by another version of the analyzer: some words are not found.",
  repairable: true,
};

/** Nothing where nothing was counted. */
export const findingOf = ({ code, message }: FindingKind, count: number): readonly CheckFinding[] =>
  count === 0 ? [] : [{ code, message: message(count), repairable: true }];
