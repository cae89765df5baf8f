/**
 * Postings of all terms of one space in one growing array: a term's postings lie in linked blocks, each twice as long
 * as the one before (up to a limit), so that appending is cheap, reading is nearly sequential, and a hundred thousand
 * rare terms cost a few bytes each instead of an object each.
 *
 * A posting is 32 bits: passage (24), frequency (4), frequency among the first terms (4). A term is read a block at a
 * time where it lies: a copy of a frequent one would cost as much as what is done with it.
 */
import { CairnError } from "@cairn/kernel/error";

const smallestBlock = 4;
const largestBlock = 8192;
const header = 2; // next block, length of this block
/** The parts of a packed posting. */
export const passageOf = (posting: number): number => posting >>> 8;
export const frequencyOf = (posting: number): number => (posting >>> 4) & 15;
export const headOf = (posting: number): number => posting & 15;
export const mostPassages = 1 << 24;

type Numbers = Int32Array | Uint32Array | Float32Array | Uint8Array | Uint16Array | Float64Array;

/** Entries for which arrays have room at first: most spaces are small, and servers build many of their indexes. */
export const firstCapacity = 128;

/** From here on arrays grow by half instead of twofold: what is not yet used of a million entries is memory too. */
const large = 1 << 18;

/** The array, or a longer copy with room for `need` entries. */
export const grown = <T extends Numbers>(array: T, need: number): T => {
  if (need <= array.length) return array;
  const roomy = array.length < large ? array.length * 2 : Math.ceil(array.length * 1.5);
  const bigger = new (array.constructor as new (length: number) => T)(Math.max(need, roomy));
  bigger.set(array);
  return bigger;
};

export interface Postings {
  readonly append: (term: number, passage: number, frequency: number, head: number) => void;
  /**
   * Calls `visit` with the packed postings of a term, oldest first, as ranges `from` to `to` of an array that is valid
   * until the next `append`; ends early when `visit` returns false.
   */
  readonly eachBlock: (term: number, visit: (pool: Uint32Array, from: number, to: number) => boolean) => void;
  /** How many postings a term has. */
  readonly count: (term: number) => number;
  readonly bytes: () => number;
}

export const makePostings = (): Postings => {
  let pool = new Uint32Array(8 * firstCapacity);
  let poolUsed = 1; // 0 means "no block"
  let first = new Uint32Array(firstCapacity);
  let last = new Uint32Array(firstCapacity);
  let used = new Uint32Array(firstCapacity); // entries in the last block

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
    eachBlock: (term, visit) => {
      if (term < 0 || term >= first.length) return;
      const end = last[term]!;
      for (let block = first[term]!; block !== 0; block = pool[block]!) {
        const size = block === end ? used[term]! : pool[block + 1]! - header;
        if (!visit(pool, block + header, block + header + size)) return;
      }
    },
    count: (term) => {
      if (term < 0 || term >= first.length) return 0;
      const end = last[term]!;
      let count = 0;
      for (let block = first[term]!; block !== 0; block = pool[block]!) {
        count += block === end ? used[term]! : pool[block + 1]! - header;
      }
      return count;
    },
    bytes: () => pool.byteLength + first.byteLength * 3,
  };
};
