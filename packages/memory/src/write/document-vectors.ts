/**
 * The vectors of one document, in each set that the space holds: its own model's, and the next one's while it changes
 * over. A document has vectors in a set, or says nothing to its model, or awaits them: one of the three, always, by the
 * transaction that writes the document.
 */
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingModel, PassageVectors } from "../embedding/embedder.ts";
import type { DocumentVectors, ModelVectors } from "../space/engine.ts";
import { makeSlicer, type Steps, type WriteContext } from "./context.ts";
import {
  docKind,
  type DocumentKind,
  type ModelPair,
  type VectorRank,
  vectorRank,
  type VectorSlot,
} from "./write-store.ts";

/** The set of vectors that `model` names, or null when the space holds none of it. */
export const slotOf = ({ own, next }: ModelPair, model: string): VectorSlot | null => {
  if (own?.id === model) return "own";
  return next?.id === model ? "next" : null;
};

/** The sets that every new text should come into. */
export const slotsInUse = ({ next }: ModelPair): readonly VectorSlot[] => (next === null ? ["own"] : ["own", "next"]);

const rankOf = (kind: DocumentKind): VectorRank => (kind === docKind.memory ? vectorRank.memory : vectorRank.chunk);

const slotFor = ({ store, model }: WriteContext, vectorModel: string = model.id): VectorSlot | null =>
  slotOf(store.models(), vectorModel);

/** Whether these vectors are of the model that the space's stored ones are of, so that the two may be compared. */
export const areOwn = (context: WriteContext, given: Pick<ModelVectors, "vectorModel">): boolean =>
  slotFor(context, given.vectorModel) === "own";

const fits = (vectors: PassageVectors, { dimensions }: EmbeddingModel): boolean =>
  vectors.every((vector) => vector.length === dimensions && vector.every(Number.isFinite));

/** Throws request.invalid for vectors that are not what their model makes: one such row would spoil every question. */
export const checkVectors = (context: WriteContext, { vectors, vectorModel }: ModelVectors): void => {
  const { own, next } = context.store.models();
  const slot = slotFor(context, vectorModel);
  const model = slot === "own" ? own : next;
  if (slot === null || model === null || fits(vectors, model)) return;
  throw new CairnError(
    "request.invalid",
    `A vector does not fit the embedder ${model.id}: it must hold ${model.dimensions} finite numbers.`,
  );
};

/** Stores the vectors of a new document in the set that they belong to; in every other it awaits them. */
export const insertVectors = (context: WriteContext, doc: number, kind: DocumentKind, given: ModelVectors): void => {
  checkVectors(context, given);
  const { store } = context;
  const slot = given.vectors.length === 0 ? null : slotFor(context, given.vectorModel);
  if (slot !== null) store.storeVectors(slot, doc, given.vectors);
  for (const other of slotsInUse(store.models())) if (other !== slot) store.noteAwaiting(other, rankOf(kind), doc);
};

/** Gives a new document of an unchanged text what the old one has. */
export const copyVectors = ({ store }: WriteContext, from: number, to: number, kind: DocumentKind): void => {
  for (const slot of slotsInUse(store.models())) {
    if (store.copyVectors(slot, from, to)) continue;
    if (store.isWordless(slot, from)) store.noteWordless(slot, to);
    else store.noteAwaiting(slot, rankOf(kind), to);
  }
};

/** Gives a document the vectors that it awaits; false when it awaits none, being erased or having them already. */
const giveVectors = ({ store }: WriteContext, slot: VectorSlot, doc: number, vectors: PassageVectors): boolean => {
  if (!store.stopAwaiting(slot, doc)) return false;
  if (vectors.length === 0) {
    store.noteWordless(slot, doc);
    return true;
  }
  store.storeVectors(slot, doc, vectors);
  if (slot === "own") store.noteLate(doc);
  return true;
};

/** Vectors that come later than their text: returns how many documents took theirs. The log says nothing of them. */
export function* takeVectors(context: WriteContext, model: string, items: readonly DocumentVectors[]): Steps<number> {
  const slot = slotOf(context.store.models(), model);
  if (slot === null) return 0;
  const slice = makeSlicer();
  let taken = 0;
  for (const { document, vectors } of items) {
    yield* slice();
    checkVectors(context, { vectors, vectorModel: model });
    if (giveVectors(context, slot, document, vectors)) taken++;
  }
  return taken;
}
