/**
 * How many passages of erased documents hold a term. Postings stay where they are when a document is erased, so what
 * counts them must leave these out: an index that is made without the document must answer alike, and what was purged
 * must not be told by how rare its words are. Counted only for the terms that are asked for, and kept until the next
 * erasure.
 */
import { passageOf, type Postings } from "./postings.ts";

export interface ErasedHolders {
  /** To be called when the passages of another document count as erased. */
  readonly note: () => void;
  readonly holding: (term: number) => number;
}

const mostRemembered = 4096;

export const makeErasedHolders = (
  { eachBlock }: Pick<Postings, "eachBlock">,
  isErased: (passage: number) => boolean,
): ErasedHolders => {
  const counts = new Map<number, number>();
  let any = false;
  const count = (term: number): number => {
    let found = 0;
    eachBlock(term, (pool, from, to) => {
      for (let at = from; at < to; at++) if (isErased(passageOf(pool[at]!))) found++;
      return true;
    });
    return found;
  };
  return {
    note: () => {
      any = true;
      counts.clear();
    },
    holding: (term) => {
      if (!any) return 0;
      const known = counts.get(term);
      if (known !== undefined) return known;
      const found = count(term);
      if (counts.size >= mostRemembered) counts.clear();
      counts.set(term, found);
      return found;
    },
  };
};
