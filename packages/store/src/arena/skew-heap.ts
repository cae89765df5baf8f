/**
 * Heaps of sets by their key, the coldest on top: skew heaps (Sleator & Tarjan 1986, "Self-adjusting heaps"), because
 * they live in the links of the records themselves, need no array of their own for each namespace, and insert and
 * remove any set in amortised O(log n). A heap is the link (number + 1, 0 for none) of its root.
 */
import { before } from "./epochs.ts";
import { type Layout, set } from "./pool-layout.ts";

const [left, right, parent] = [0, 1, 2];

export interface Heap {
  /** The word that holds the root. */
  readonly root: number;
  /** Where this heap's links lie in a set's record: `set.inAll` or `set.inNamespace`. */
  readonly links: number;
}

const merge = (words: Int32Array, setAt: number, links: number, a: number, b: number): number => {
  if (a === 0) return b;
  if (b === 0) return a;
  const recordA = setAt + (a - 1) * set.words;
  const recordB = setAt + (b - 1) * set.words;
  if (before(words[recordB + set.key]!, words[recordA + set.key]!)) return merge(words, setAt, links, b, a);
  const merged = merge(words, setAt, links, words[recordA + links + right]!, b);
  words[recordA + links + right] = words[recordA + links + left]!;
  words[recordA + links + left] = merged;
  words[setAt + (merged - 1) * set.words + links + parent] = a;
  return a;
};

export const insert = (words: Int32Array, { setAt }: Layout, { root, links }: Heap, number: number): void => {
  const record = setAt + number * set.words + links;
  words[record + left] = 0;
  words[record + right] = 0;
  words[record + parent] = 0;
  const merged = merge(words, setAt, links, words[root]!, number + 1);
  words[root] = merged;
  words[setAt + (merged - 1) * set.words + links + parent] = 0;
};

/** Removes a set that is in the heap. */
export const remove = (words: Int32Array, { setAt }: Layout, { root, links }: Heap, number: number): void => {
  const record = setAt + number * set.words + links;
  const merged = merge(words, setAt, links, words[record + left]!, words[record + right]!);
  const above = words[record + parent]!;
  if (merged !== 0) words[setAt + (merged - 1) * set.words + links + parent] = above;
  if (above === 0) words[root] = merged;
  else {
    const recordAbove = setAt + (above - 1) * set.words + links;
    words[recordAbove + (words[recordAbove + left] === number + 1 ? left : right)] = merged;
  }
};
