/**
 * The vectors of one document, in each set that the space holds: its own model's, and the next one's while it changes
 * over. A document has vectors in a set, or says nothing to its model, or awaits them: one of the three, always, by the
 * transaction that writes the document.
 */
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingModel, PassageVectors } from "@cairn/memory/embedding/embedder";
import type { ModelVectors } from "@cairn/memory/space/engine";
import { quantizeRow } from "@cairn/store/arena/quantize";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc, docKind } from "../space/space-index.ts";
import { ownSlot, slotOf, slotsInUse, type VectorSlot } from "../space/space-models.ts";

export type DocumentKind = (typeof docKind)[keyof typeof docKind];

/** In which order vectors are made: what is asked for most comes first. */
const rankOf = { [docKind.memory]: 0, [docKind.chunk]: 1, closed: 2 } as const;
export const ranks = Object.values(rankOf).join(", ");
/** The same in SQL, of a row of `docs`. */
export const rankInSql = `CASE WHEN to_at IS NOT NULL THEN ${rankOf.closed} WHEN kind = ${docKind.memory} THEN ${rankOf[docKind.memory]} ELSE ${rankOf[docKind.chunk]} END`;

/** Every table with vectors in it: what an earlier model left has to be erased with its text, too. */
const vectorTables = ["q8", "v", "next_q8", "next_v", "old_q8", "old_v"] as const;

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const slotFor = (space: OpenSpace, vectorModel: string = space.model.id): VectorSlot | null =>
  slotOf(space.index.models(), vectorModel);

/** Whether these vectors are of the model that the space's stored ones are of, so that the two may be compared. */
export const areOwn = (space: OpenSpace, given: Pick<ModelVectors, "vectorModel">): boolean =>
  slotFor(space, given.vectorModel) === ownSlot;

const fits = (vectors: PassageVectors, { dimensions }: EmbeddingModel): boolean =>
  vectors.every((vector) => vector.length === dimensions && vector.every(Number.isFinite));

/** Throws request.invalid for vectors that are not what their model makes: one such row would spoil every question. */
export const checkVectors = (space: OpenSpace, { vectors, vectorModel }: ModelVectors): void => {
  const { own, next } = space.index.models();
  const slot = slotFor(space, vectorModel);
  const model = slot === ownSlot ? own : next;
  if (slot === null || model === null || fits(vectors, model)) return;
  throw new CairnError(
    "request.invalid",
    `A vector does not fit the embedder ${model.id}: it must hold ${model.dimensions} finite numbers.`,
  );
};

const storeRows = (space: OpenSpace, { q8, v }: VectorSlot, doc: number, vectors: PassageVectors): void => {
  for (const [chunk, vector] of vectors.slice(0, chunksPerDoc).entries()) {
    const { bytes, scale } = quantizeRow(vector);
    const id = doc * chunksPerDoc + chunk;
    space.write(`INSERT INTO ${q8} (id, scale, bytes) VALUES (?, ?, ?)`).run(id, scale, bytesOf(bytes));
    space.write(`INSERT INTO ${v} (id, f32) VALUES (?, ?)`).run(id, bytesOf(vector));
  }
};

const noteAwaiting = (space: OpenSpace, { next }: VectorSlot, kind: DocumentKind, doc: number): void => {
  space.write("INSERT INTO awaiting_vectors (next, rank, doc) VALUES (?, ?, ?)").run(next, rankOf[kind], doc);
};

const noteWordless = (space: OpenSpace, { next }: VectorSlot, doc: number): void => {
  space.write("INSERT OR IGNORE INTO wordless (next, doc) VALUES (?, ?)").run(next, doc);
};

/** Stores the vectors of a new document in the set that they belong to; in every other it awaits them. */
export const insertVectors = (space: OpenSpace, doc: number, kind: DocumentKind, given: ModelVectors): void => {
  checkVectors(space, given);
  const slot = given.vectors.length === 0 ? null : slotFor(space, given.vectorModel);
  if (slot !== null) storeRows(space, slot, doc, given.vectors);
  for (const other of slotsInUse(space.index.models())) if (other !== slot) noteAwaiting(space, other, kind, doc);
};

/** Gives a new document of an unchanged text what the old one has. */
export const copyVectors = (space: OpenSpace, from: number, to: number, kind: DocumentKind): void => {
  const bounds = [(to - from) * chunksPerDoc, from * chunksPerDoc, (from + 1) * chunksPerDoc];
  for (const slot of slotsInUse(space.index.models())) {
    const { q8, v, next } = slot;
    space
      .write(`INSERT INTO ${q8} (id, scale, bytes) SELECT id + ?, scale, bytes FROM ${q8} WHERE id >= ? AND id < ?`)
      .run(...bounds);
    const copied = space
      .write(`INSERT INTO ${v} (id, f32) SELECT id + ?, f32 FROM ${v} WHERE id >= ? AND id < ?`)
      .run(...bounds).changes;
    if (copied > 0) continue;
    const wordless = space.write("SELECT 1 FROM wordless WHERE next = ? AND doc = ?").get(next, from) !== undefined;
    if (wordless) noteWordless(space, slot, to);
    else noteAwaiting(space, slot, kind, to);
  }
};

/** What is no longer current may wait for its vectors until everything current has its own. */
export const awaitLast = (space: OpenSpace, doc: number): void => {
  space
    .write(
      `UPDATE awaiting_vectors SET rank = ${rankOf.closed} WHERE next IN (0, 1) AND rank IN (${ranks}) AND doc = ?`,
    )
    .run(doc);
};

const stopAwaiting = (space: OpenSpace, next: 0 | 1, doc: number): boolean =>
  space.write(`DELETE FROM awaiting_vectors WHERE next = ? AND rank IN (${ranks}) AND doc = ?`).run(next, doc).changes >
  0;

/** Gives a document the vectors that it awaits; false when it awaits none, being erased or having them already. */
export const giveVectors = (space: OpenSpace, slot: VectorSlot, doc: number, vectors: PassageVectors): boolean => {
  if (!stopAwaiting(space, slot.next, doc)) return false;
  if (vectors.length === 0) {
    noteWordless(space, slot, doc);
    return true;
  }
  storeRows(space, slot, doc, vectors);
  if (slot === ownSlot) space.write("INSERT INTO late_vectors (doc) VALUES (?)").run(doc);
  return true;
};

/** Takes a document's vectors out of one set; its text awaits others once that is noted. */
export const removeVectors = (space: OpenSpace, { q8, v }: VectorSlot, doc: number): void => {
  for (const table of [q8, v]) {
    space.write(`DELETE FROM ${table} WHERE id >= ? AND id < ?`).run(doc * chunksPerDoc, (doc + 1) * chunksPerDoc);
  }
};

/** Nothing of the document's vectors stays, of whatever model. */
export const eraseVectors = (space: OpenSpace, doc: number): void => {
  for (const table of vectorTables) {
    space.write(`DELETE FROM ${table} WHERE id >= ? AND id < ?`).run(doc * chunksPerDoc, (doc + 1) * chunksPerDoc);
  }
  for (const next of [0, 1] as const) {
    stopAwaiting(space, next, doc);
    space.write("DELETE FROM wordless WHERE next = ? AND doc = ?").run(next, doc);
  }
};
