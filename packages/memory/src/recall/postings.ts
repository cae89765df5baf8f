/**
 * Postings of all terms of one space in one growing array: a term's postings lie in linked blocks, each twice as long
 * as the one before (up to a limit), so that appending is cheap, reading is nearly sequential, and a hundred thousand
 * rare terms cost a few bytes each instead of an object each.
 *
 * A posting is 32 bits: passage (24), frequency (4), frequency among the first terms (4). Reading copies a term's blocks
 * into one array, so that the loops over it stay free of calls.
 */
import { CairnError } from "@cairn/kernel/error";

const smallestBlock = 4;
const largestBlock = 512;
const header = 2; // next block, length of this block
/** The parts of a packed posting. */
export const passageOf = (posting: number): number => posting >>> 8;
export const frequencyOf = (posting: number): number => (posting >>> 4) & 15;
export const headOf = (posting: number): number => posting & 15;
export const mostPassages = 1 << 24;

const grown = <T extends Int32Array | Uint32Array | Float32Array | Uint8Array | Float64Array>(
  array: T,
  need: number,
): T => {
  if (need <= array.length) return array;
  const bigger = new (array.constructor as new (length: number) => T)(Math.max(need, array.length * 2));
  bigger.set(array);
  return bigger;
};
export { grown };

export interface Postings {
  readonly append: (term: number, passage: number, frequency: number, head: number) => void;
  /** The postings of a term, packed, oldest first. The array is reused by the next call. */
  readonly read: (term: number) => Uint32Array;
  readonly bytes: () => number;
}

export const makePostings = (): Postings => {
  let pool = new Uint32Array(4096);
  let poolUsed = 1; // 0 means "no block"
  let first = new Uint32Array(1024);
  let last = new Uint32Array(1024);
  let used = new Uint32Array(1024); // entries in the last block
  let reading = new Uint32Array(1024);

  const startBlock = (size: number): number => {
    pool = grown(pool, poolUsed + size);
    const block = poolUsed;
    poolUsed += size;
    pool[block] = 0;
    pool[block + 1] = size;
    return block;
  };

  return {
    append: (term, passage, frequency, head) => {
      if (passage >= mostPassages) {
        throw new CairnError("limit.exceeded", `A space holds at most ${mostPassages} passages of text.`);
      }
      first = grown(first, term + 1);
      last = grown(last, term + 1);
      used = grown(used, term + 1);
      let block = last[term]!;
      if (block === 0) {
        block = startBlock(smallestBlock);
        first[term] = block;
        last[term] = block;
        used[term] = 0;
      } else if (used[term]! + header >= pool[block + 1]!) {
        const next = startBlock(Math.min(largestBlock, pool[block + 1]! * 2));
        pool[block] = next;
        block = next;
        last[term] = next;
        used[term] = 0;
      }
      pool[block + header + used[term]!] = ((passage << 8) | (frequency << 4) | head) >>> 0;
      used[term]!++;
    },
    read: (term) => {
      if (term < 0 || term >= first.length) return reading.subarray(0, 0);
      const end = last[term]!;
      let count = 0;
      for (let block = first[term]!; block !== 0; block = pool[block]!) {
        const size = block === end ? used[term]! : pool[block + 1]! - header;
        reading = grown(reading, count + size);
        reading.set(pool.subarray(block + header, block + header + size), count);
        count += size;
      }
      return reading.subarray(0, count);
    },
    bytes: () => pool.byteLength + first.byteLength * 3,
  };
};
