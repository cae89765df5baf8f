/** What `cairn doctor` finds out of step in one space. */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { visitNames } from "@cairn/memory/recall/entry";
import { analyzerChanged, findingKinds, findingOf } from "@cairn/memory/space/check-findings";
import type { CheckFinding } from "@cairn/memory/space/engine";
import type { Statement } from "../open-database.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import { analyzerOf } from "../write/vectors.ts";
import { modelSlots, modelsOf, type SlotTables, tablesOf } from "../space/space-models.ts";
import { trustFindings } from "./examine-trust.ts";
import { awaiting, misshapenVectors, rules, unnoted } from "./rules.ts";

export interface DamagedDocument {
  readonly n: number;
  readonly kind: number;
  readonly owner: number;
}

/** Current index entries that cannot be read, or that speak of words which the lexicon does not hold. */
export const damagedDocuments = (prepare: (sql: string) => Statement): readonly DamagedDocument[] => {
  const names = new Set(prepare("SELECT id FROM names").pluck().all() as number[]);
  const damaged: DamagedDocument[] = [];
  const current = prepare("SELECT n, kind, owner, entry FROM docs WHERE entry IS NOT NULL AND to_at IS NULL").iterate();
  for (const { entry, ...document } of current as IterableIterator<DamagedDocument & { readonly entry: Uint8Array }>) {
    let known = true;
    const whole = visitNames(entry, (name) => {
      known &&= name === 0 || names.has(name);
    });
    if (!whole || !known) damaged.push(document);
  }
  return damaged;
};

export const integrityOf = (prepare: (sql: string) => Statement): readonly string[] => {
  const lines = prepare("PRAGMA integrity_check(20)").pluck().all() as string[];
  return lines[0] === "ok" ? [] : lines;
};

const countOf = (space: OpenSpace, sql: string): number => Number(space.read(`SELECT count(*) ${sql}`).pluck().get());

/** What only waits for its turn is told apart from what nobody would ever make again. */
const vectorFindings = (space: OpenSpace): readonly CheckFinding[] => {
  const slots = modelSlots(modelsOf(space.read));
  const inAll = (count: (slot: SlotTables, model: EmbeddingModel) => number): number =>
    slots.reduce((sum, { slot, model }) => sum + count(slot, model), 0);
  const missing = countOf(space, awaiting(tablesOf.own));
  const lost = inAll((slot) => countOf(space, unnoted(slot)));
  const misshapen = inAll((slot, model) => countOf(space, misshapenVectors(slot, model)));
  return [
    ...findingOf(findingKinds.vectorsMissing, missing),
    ...findingOf(findingKinds.vectorsLost, lost),
    ...findingOf(findingKinds.vectorsMisshapen, misshapen),
  ];
};

/** Call inside a snapshot. */
export const checkSpace = (space: OpenSpace): readonly CheckFinding[] => {
  const integrity = integrityOf(space.read);
  if (integrity.length > 0) {
    // An index that disagrees with its table can be built anew; anything else is beyond us.
    const repairable = integrity.every((line) =>
      /missing from index|wrong # of entries in index|non-unique entry in index/.test(line),
    );
    return [
      { code: "storage.corrupt", message: `The file is damaged: ${integrity.slice(0, 3).join("; ")}`, repairable },
    ];
  }
  const broken = rules.flatMap(({ kind, sql }) => findingOf(kind, countOf(space, sql)));
  const damaged = findingOf(findingKinds.entriesDamaged, damagedDocuments(space.read).length);
  const analyzer = analyzerOf(space) === String(analyzerVersion) ? [] : [analyzerChanged];
  return [...broken, ...damaged, ...analyzer, ...trustFindings(space.read), ...vectorFindings(space)];
};
