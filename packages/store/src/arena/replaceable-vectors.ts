/**
 * A set of vectors that can be exchanged for another while the words that were indexed beside it stay: after a change
 * of model, all that a search index must read anew.
 */
import type { VectorSet } from "@cairn/memory/recall/vector-set";

export interface ReplaceableVectors extends VectorSet {
  /** Gives the vectors back and begins with an empty set. */
  readonly replace: (set: VectorSet) => void;
}

export const makeReplaceableVectors = (first: VectorSet): ReplaceableVectors => {
  let set = first;
  return {
    add: (doc, bytes, scale) => set.add(doc, bytes, scale),
    remove: (doc) => set.remove(doc),
    scan: (query, mask, docs, out) => set.scan(query, mask, docs, out),
    sketch: (query, mask, docs, out) => set.sketch(query, mask, docs, out),
    rescore: (query, wanted, out) => set.rescore(query, wanted, out),
    rows: () => set.rows(),
    release: () => set.release(),
    replace: (next) => {
      set.release();
      set = next;
    },
  };
};
