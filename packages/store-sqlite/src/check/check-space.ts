/** `cairn doctor` for one space: what is out of step, and mending it. */
import type { Clock } from "@cairn/kernel/clock";
import type { Actor, CheckFinding } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc, docKind } from "../space/space-index.ts";
import { eraseDocument } from "../write/document.ts";
import { findById, memoryState, replaceMemory } from "../write/memory-writer.ts";
import { makeSlicer, type Steps, transact } from "../write/transaction.ts";
import { adoptModel, modelOf } from "../write/vectors.ts";

interface Rule {
  readonly code: string;
  /** Counts what breaks the rule. */
  readonly sql: string;
  readonly message: (count: number) => string;
  readonly repairable: boolean;
}

const unindexed = `
  FROM memories m LEFT JOIN docs d ON d.n = m.doc AND d.kind = ${docKind.memory} AND d.owner = m.row
  WHERE m.state = 0 AND (d.n IS NULL OR d.entry IS NULL OR d.to_at IS NOT NULL OR d.version <> m.version)`;
const strayDocs = `
  FROM docs d WHERE d.entry IS NOT NULL AND d.to_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM memories m WHERE d.kind = ${docKind.memory} AND m.doc = d.n AND m.state = 0
    UNION ALL SELECT 1 FROM session_chunks c WHERE d.kind = ${docKind.chunk} AND c.doc = d.n)`;
const strayVectors = (table: "q8" | "v"): string =>
  `FROM ${table} WHERE NOT EXISTS (SELECT 1 FROM docs d WHERE d.n = ${table}.id / ${chunksPerDoc} AND d.entry IS NOT NULL)`;
const unequalVectors = "FROM v WHERE NOT EXISTS (SELECT 1 FROM q8 WHERE q8.id = v.id)";
const wrongTags = `
  FROM memories m WHERE m.state = 0 AND (SELECT count(*) FROM memory_tags t WHERE t.memory = m.row) <> (SELECT count(DISTINCT value) FROM json_each(m.tags))`;

const rules: readonly Rule[] = [
  { code: "index.missing", sql: unindexed, message: (n) => `${n} memories are not in the search index.`, repairable: true },
  { code: "index.stray", sql: strayDocs, message: (n) => `${n} index entries belong to nothing.`, repairable: true },
  { code: "vectors.stray", sql: strayVectors("q8"), message: (n) => `${n} vectors belong to nothing.`, repairable: true },
  { code: "vectors.stray", sql: strayVectors("v"), message: (n) => `${n} float vectors belong to nothing.`, repairable: true },
  { code: "vectors.unequal", sql: unequalVectors, message: (n) => `${n} vectors lack their compact form.`, repairable: true },
  { code: "tags.unequal", sql: wrongTags, message: (n) => `${n} memories are not listed under their tags.`, repairable: true },
];

const countOf = (space: OpenSpace, sql: string): number => Number(space.read(`SELECT count(*) ${sql}`).pluck().get());

/** Call inside a snapshot. */
export const checkSpace = (space: OpenSpace, model: string): readonly CheckFinding[] => {
  const findings: CheckFinding[] = [];
  const integrity = space.read("PRAGMA integrity_check(20)").pluck().all() as string[];
  if (integrity[0] !== "ok") {
    findings.push({ code: "storage.corrupt", message: `The file is damaged: ${integrity.slice(0, 3).join("; ")}`, repairable: false });
  }
  for (const rule of rules) {
    const count = countOf(space, rule.sql);
    if (count > 0) findings.push({ code: rule.code, message: rule.message(count), repairable: rule.repairable });
  }
  const bound = modelOf(space);
  if (bound !== null && bound !== model) {
    findings.push({ code: "embedding.model_changed", message: `Vectors were made by ${bound}, this Cairn uses ${model}: recall goes by words until they are made anew.`, repairable: true });
  } else {
    const missing = countOf(space, `FROM memories WHERE state = 0 AND NOT EXISTS (SELECT 1 FROM v WHERE v.id = doc * ${chunksPerDoc})`);
    if (missing > 0) findings.push({ code: "vectors.missing", message: `${missing} memories have no vector yet and are found by words only.`, repairable: true });
  }
  return findings;
};

/** Mends the indexes from the rows, which are the truth. Vectors that are missing are the caller's to make. */
export function* repairSpace(space: OpenSpace, actor: Actor, clock: Clock, model: string): Steps<readonly CheckFinding[]> {
  yield* transact(space, actor, clock, function* (context) {
    const slice = makeSlicer();
    const seq = context.log.append({ kind: "repair", subject: space.id, version: 0, fields: {}, overwrites: null });
    for (const n of space.write(`SELECT d.n ${strayDocs}`).pluck().all() as number[]) eraseDocument(space, n, seq);
    for (const table of ["q8", "v"] as const) {
      space.write(`DELETE FROM ${table} WHERE id IN (SELECT ${table}.id ${strayVectors(table)})`).run();
    }
    space.write("DELETE FROM v WHERE NOT EXISTS (SELECT 1 FROM q8 WHERE q8.id = v.id)").run();
    const wrong = `SELECT m.id ${unindexed} UNION SELECT m.id ${wrongTags}`;
    for (const id of space.write(wrong).pluck().all() as string[]) {
      yield* slice();
      const stored = findById(space, id);
      if (stored !== null && stored.state === memoryState.live) replaceMemory(context, stored, stored.memory, "update", stored.doc);
    }
  });
  const bound = modelOf(space);
  if (bound !== null && bound !== model) yield* adoptModel(space, actor, clock, model);
  return space.snapshot(() => checkSpace(space, model));
}
