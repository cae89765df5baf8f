/** Mends the indexes of a space from its rows, which are the truth. */
import type { Clock } from "@cairn/kernel/clock";
import type { Actor, CheckFinding } from "@cairn/memory/space/engine";
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import { makeSlicer, type Steps, type WriteContext } from "@cairn/memory/write/context";
import { chunkEntry, eraseDocument } from "@cairn/memory/write/document";
import { copyVectors } from "@cairn/memory/write/document-vectors";
import { replaceMemory } from "@cairn/memory/write/memory-writer";
import { docKind, memoryState } from "@cairn/memory/write/write-store";
import type { OpenSpace } from "../space/open-space.ts";
import { chunkByRow } from "../read/sessions.ts";
import { chunksPerDoc } from "../space/space-index.ts";
import { transact } from "../write/transaction.ts";
import { modelSlots, modelsOf } from "../space/space-models.ts";
import { rankInSql, removeVectors } from "../write/store/vectors.ts";
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

/** Makes the document of a stored chunk anew, with the vectors that the old one had. */
const reindexChunk = (space: OpenSpace, context: WriteContext, row: number, seq: number): void => {
  const chunk = chunkByRow(space.write, row);
  if (chunk === null) return;
  const { store, now } = context;
  const old = Number(space.write("SELECT doc FROM session_chunks WHERE row = ?").pluck().get(row));
  const entry = chunkEntry(chunk, row, store);
  const doc = store.insertDocument({ kind: docKind.chunk, owner: row, version: 1, seq, from: now, entry });
  copyVectors(context, old, doc, docKind.chunk);
  eraseDocument(store, old, seq);
  space.write("UPDATE session_chunks SET doc = ? WHERE row = ?").run(doc, row);
};

function* reindex(space: OpenSpace, context: WriteContext, seq: number): Steps<void> {
  const { store } = context;
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
    const stored = store.findById(id);
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
    reindexChunk(space, context, row, seq);
  }
  for (const { n } of damaged) eraseDocument(store, n, seq);
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
      for (const doc of docs) removeVectors(space.write, slot, doc);
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
    const { store } = context;
    if (integrityOf(space.write).length > 0) space.writer.exec("REINDEX");
    const seq = context.log.append({ kind: "repair", subject: space.id, version: 0, fields: {}, overwrites: null });
    yield* reindex(space, context, seq);
    for (const n of space.write(`SELECT d.n ${strayDocs}`).pluck().all() as number[]) eraseDocument(store, n, seq);
    yield* mendVectors(space);
    for (const sql of strayKnowledge) space.write(`DELETE ${sql}`).run();
    yield* examineTrust(space, context);
  });
  return space.snapshot(() => checkSpace(space));
}
