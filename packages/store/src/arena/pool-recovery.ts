/**
 * Clearing away after a thread that ended without closing its sets. Its seat and its sets are given back; if it ended
 * in the middle of a change of the tables, which the lock tells, they are made anew from what cannot be half done: which
 * sets have an owner. All vectors leave the pool then, their blocks retired like any others, and come back from the
 * store when they are asked for.
 */
import { advance, pinWord } from "./epochs.ts";
import { reclaim, retireBlock } from "./pool-blocks.ts";
import { header, type Layout, namespace, seat, seatState, set } from "./pool-layout.ts";
import { namespaceRecord } from "./pool-namespaces.ts";
import { type PoolSets, setRecord } from "./pool-sets.ts";

export const seatWord = (layout: Layout, at: number): number => layout.seatAt + at * seat.words + seat.state;

/** Gives back what dead threads held; under the lock, and cheap when there are none. */
export const sweep = (words: Int32Array, layout: Layout, sets: PoolSets): void => {
  if (Atomics.load(words, header.dead) === 0) return;
  // Taken down first: a thread that dies while the seats are looked through is noted again.
  Atomics.store(words, header.dead, 0);
  for (let at = 0; at < layout.seats; at++) {
    if (Atomics.load(words, seatWord(layout, at)) !== seatState.dead) continue;
    Atomics.store(words, pinWord(layout, at), 0);
    for (let number = 0; number < words[header.freshSet]!; number++) {
      if (words[setRecord(layout, number) + set.owner] === at + 1) sets.close(number);
    }
    Atomics.store(words, seatWord(layout, at), seatState.free);
  }
  reclaim(words, layout);
};

/** Makes the tables anew; under the lock, which its dead holder left. */
export const rebuild = (words: Int32Array, layout: Layout): void => {
  for (const list of ["coldest", "overQuota", "freeSet", "openSets", "freeNamespace", "openNamespaces"] as const) {
    words[header[list]] = 0;
  }
  for (let number = 0; number < words[header.freshNamespace]!; number++) {
    const record = namespaceRecord(layout, number);
    for (const field of ["sets", "blocks", "coldest", "overNext", "overPrevious", "nextFree"] as const) {
      words[record + namespace[field]] = 0;
    }
  }
  for (let number = 0; number < words[header.freshSet]!; number++) {
    const record = setRecord(layout, number);
    Atomics.store(words, record + set.resident, 0);
    words[record + set.lastBlock] = 0;
    words[record + set.blocks] = 0;
    if (words[record + set.owner] === 0) {
      words[record + set.nextFree] = words[header.freeSet]!;
      words[header.freeSet] = number + 1;
    } else {
      words[header.openSets]!++;
      words[namespaceRecord(layout, words[record + set.namespace]!) + namespace.sets]!++;
    }
  }
  for (let number = 0; number < words[header.freshNamespace]!; number++) {
    const record = namespaceRecord(layout, number);
    if (words[record + namespace.sets] !== 0) words[header.openNamespaces]!++;
    else {
      words[record + namespace.nextFree] = words[header.freeNamespace]!;
      words[header.freeNamespace] = number + 1;
    }
  }
  for (const list of ["freeBlock", "freeBlocks", "retiredFirst", "retiredLast", "retiredBlocks"] as const) {
    words[header[list]] = 0;
  }
  for (let number = 0; number < words[header.freshBlock]!; number++) retireBlock(words, layout, number);
  advance(words);
};
