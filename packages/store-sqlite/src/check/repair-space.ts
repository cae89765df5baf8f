/** Mends the indexes of a space from its rows, which are the truth. */
import type { Clock } from "@cairn/kernel/clock";
import type { Actor, CheckFinding } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc, docKind } from "../space/space-index.ts";
import { eraseDocument } from "../write/document.ts";
import { findById, memoryState, replaceMemory } from "../write/memory-writer.ts";
import { reindexChunk } from "../write/sessions.ts";
import { makeSlicer, type Steps, transact, type WriteContext } from "../write/transaction.ts";
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import { modelSlots, modelsOf } from "../space/space-models.ts";
import { rankInSql, removeVectors } from "../write/document-vectors.ts";
import { analyzerOf, noteAnalyzer } from "../write/vectors.ts";
import { checkSpace, damagedDocuments, integrityOf } from "./check-space.ts";
import { examineTrust } from "./examine-trust.ts";
import {
  misshapenVectors,
  strayDocs,
  strayKnowledge,
  strayVectors,
  unequalVectors,
  unindexed,
  unindexedChunks,
  unnoted,
  vectorTables,
  wrongNotes,
  wrongTags,
} from "./rules.ts";

function* reindex(context: WriteContext, seq: number): Steps<void> {
  const { space } = context;
  const slice = makeSlicer();
  const damaged = damagedDocuments(space.write);
  const idOf = space.write("SELECT id FROM memories WHERE row = ?").pluck();
  const outdated = analyzerOf(space) !== String(analyzerVersion);
  const wrong = space
    .write(
      outdated ? "SELECT id FROM memories WHERE state = 0" : `SELECT m.id ${unindexed} UNION SELECT m.id ${wrongTags}`,
    )
    .pluck()
    .all() as string[];
  const spoilt = damaged
    .filter(({ kind }) => kind === docKind.memory)
    .flatMap(({ owner }) => (idOf.get(owner) as string | undefined) ?? []);
  for (const id of new Set([...wrong, ...spoilt])) {
    yield* slice();
    const stored = findById(space, id);
    if (stored !== null && stored.state === memoryState.live)
      replaceMemory(context, stored, stored.memory, "update", stored.doc);
  }
  const lost = space
    .write(outdated ? "SELECT row FROM session_chunks" : `SELECT c.row ${unindexedChunks}`)
    .pluck()
    .all() as number[];
  for (const row of new Set([
    ...lost,
    ...damaged.filter(({ kind }) => kind === docKind.chunk).map(({ owner }) => owner),
  ])) {
    yield* slice();
    reindexChunk(context, row, seq);
  }
  for (const { n } of damaged) eraseDocument(space, n, seq);
  noteAnalyzer(space);
}

/** Removes what cannot be trusted, and notes which documents await vectors for it. */
function* mendVectors(space: OpenSpace): Steps<void> {
  const slice = makeSlicer();
  for (const table of vectorTables) {
    yield* slice();
    space.write(`DELETE ${strayVectors(table)}`).run();
  }
  for (const sql of wrongNotes) space.write(`DELETE ${sql}`).run();
  for (const { slot, model } of modelSlots(modelsOf(space.write))) {
    for (const sql of [unequalVectors(slot), misshapenVectors(slot, model)]) {
      // One vector of a text without the others would pass for all of them.
      const docs = space.write(`SELECT DISTINCT id / ${chunksPerDoc} ${sql}`).pluck().all() as number[];
      for (const doc of docs) removeVectors(space, slot, doc);
      yield* slice();
    }
    space
      .write(`INSERT INTO awaiting_vectors (next, rank, doc) SELECT ${slot.next}, ${rankInSql}, n ${unnoted(slot)}`)
      .run();
  }
}

/** Returns what is left. Vectors that are missing are the caller's to make. */
export function* repairSpace(space: OpenSpace, actor: Actor, clock: Clock): Steps<readonly CheckFinding[]> {
  yield* transact(space, actor, clock, function* (context) {
    if (integrityOf(space.write).length > 0) space.writer.exec("REINDEX");
    const seq = context.log.append({ kind: "repair", subject: space.id, version: 0, fields: {}, overwrites: null });
    yield* reindex(context, seq);
    for (const n of space.write(`SELECT d.n ${strayDocs}`).pluck().all() as number[]) eraseDocument(space, n, seq);
    yield* mendVectors(space);
    for (const sql of strayKnowledge) space.write(`DELETE ${sql}`).run();
    yield* examineTrust(context);
  });
  return space.snapshot(() => checkSpace(space));
}
