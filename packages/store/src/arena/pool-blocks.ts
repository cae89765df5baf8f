/**
 * The lists of free and of retired blocks. Every function here is called under the pool's lock; taking and retiring a
 * block are a few words each, whatever the size of the pool.
 */
import { before, oldestPin } from "./epochs.ts";
import { block, header, type Layout } from "./pool-layout.ts";

const recordOf = (layout: Layout, number: number): number => layout.blockAt + number * block.words;

/** How many blocks nobody holds and nobody may still be reading. */
export const freeBlocks = (words: Int32Array, layout: Layout): number =>
  words[header.freeBlocks]! + layout.blocks - words[header.freshBlock]!;

/** A free block's number; there must be one. */
export const takeBlock = (words: Int32Array, layout: Layout): number => {
  const link = words[header.freeBlock]!;
  // Blocks that were used before come first: their pages are there already.
  if (link === 0) return words[header.freshBlock]!++;
  words[header.freeBlock] = words[recordOf(layout, link - 1) + block.next]!;
  words[header.freeBlocks]!--;
  return link - 1;
};

/** Puts a block at the end of the retired, stamped with the epoch, which the caller then counts up. */
export const retireBlock = (words: Int32Array, layout: Layout, number: number): void => {
  const record = recordOf(layout, number);
  words[record + block.next] = 0;
  words[record + block.retired] = Atomics.load(words, header.epoch);
  const last = words[header.retiredLast]!;
  if (last === 0) words[header.retiredFirst] = number + 1;
  else words[recordOf(layout, last - 1) + block.next] = number + 1;
  words[header.retiredLast] = number + 1;
  words[header.retiredBlocks]!++;
};

/** Frees the retired blocks that no reader can see any more. */
export const reclaim = (words: Int32Array, layout: Layout): void => {
  if (words[header.retiredFirst] === 0) return;
  const oldest = oldestPin(words, layout);
  for (let link = words[header.retiredFirst]!; link !== 0; link = words[header.retiredFirst]!) {
    const record = recordOf(layout, link - 1);
    if (oldest !== 0 && !before(words[record + block.retired]!, oldest)) return;
    const next = words[record + block.next]!;
    words[header.retiredFirst] = next;
    if (next === 0) words[header.retiredLast] = 0;
    words[header.retiredBlocks]!--;
    words[record + block.next] = words[header.freeBlock]!;
    words[header.freeBlock] = link;
    words[header.freeBlocks]!++;
  }
};
