/**
 * Where everything lies in the shared memory of the pool. First the tables that say who holds what, as 32-bit words;
 * then a seat of scratch for each thread; then the blocks. Tables are sized for the most there can be, because pages
 * that nobody writes cost nothing.
 *
 * A record's first word is 0 while nobody uses it, links between records are a record's number + 1 with 0 for none, and
 * so a memory of zeros is an empty pool.
 */
import { blockBytes, seatBytes } from "./block-shape.ts";

/** Bytes of one page, the unit of a WebAssembly memory. */
export const pageBytes = 65_536;

/** All that 32-bit addresses reach. */
export const mostPages = 65_536;

/** Words of the header. What different threads write often lies 64 bytes apart, so that no cache line is shared. */
export const header = {
  /** Who holds the lock: the seat + 1, or `outside`. */
  lock: 0,
  /** Counts retirements; never 0. */
  epoch: 16,
  /** Counts questions. */
  clock: 32,
  hits: 48,
  loads: 64,
  fallbacks: 80,
  evictions: 96,
  /** The words from here on are read and written under the lock. */
  seats: 112,
  sets: 113,
  blocks: 114,
  /** Blocks that a namespace may hold while others want room. */
  quota: 115,
  /** Blocks from this number on were never used. */
  freshBlock: 116,
  freeBlock: 117,
  freeBlocks: 118,
  /** Retired blocks, oldest first. */
  retiredFirst: 119,
  retiredLast: 120,
  retiredBlocks: 121,
  freshSet: 122,
  freeSet: 123,
  openSets: 124,
  freshNamespace: 125,
  freeNamespace: 126,
  openNamespaces: 127,
  /** The first of the namespaces that hold more than their quota. */
  overQuota: 128,
  /** The heap of all sets that may be evicted. */
  coldest: 129,
  /** Threads that ended and whose sets are still to be cleared away. */
  dead: 130,
} as const;

export const seat = { words: 16, state: 0, pin: 1 } as const;
export const seatState = { free: 0, taken: 1, dead: 2 } as const;

export const set = {
  words: 16,
  /** The seat + 1 of the thread whose set it is. */
  owner: 0,
  namespace: 1,
  /** 1 while its vectors are in its blocks. Only the owner sets it, whoever evicts the set clears it. */
  resident: 2,
  /** Its newest block; each block's link leads to the one before. */
  lastBlock: 3,
  blocks: 4,
  rows: 5,
  /** The clock at its last question. */
  asked: 6,
  /** What it stands in the heaps by. */
  key: 7,
  /** Its links in the heap of all sets, and in that of its namespace: left, right and parent. */
  inAll: 8,
  inNamespace: 11,
  evictable: 14,
  nextFree: 15,
} as const;

export const namespace = {
  words: 8,
  sets: 0,
  key: 1,
  key2: 2,
  blocks: 3,
  coldest: 4,
  overNext: 5,
  overPrevious: 6,
  nextFree: 7,
} as const;

export const block = { words: 2, next: 0, retired: 1 } as const;

export interface Counts {
  readonly seats: number;
  readonly sets: number;
  readonly blocks: number;
}

export interface Layout extends Counts {
  /** Words where the first record of each table begins. */
  readonly seatAt: number;
  readonly setAt: number;
  readonly namespaceAt: number;
  readonly blockAt: number;
  /** Bytes where the scratch of the first seat and the first block begin. */
  readonly scratchAt: number;
  readonly blocksAt: number;
  readonly pages: number;
}

const headerWords = 144;
const upTo = (number: number, unit: number): number => Math.ceil(number / unit) * unit;

export const layoutOf = ({ seats, sets, blocks }: Counts): Layout => {
  const seatAt = headerWords;
  const setAt = seatAt + seats * seat.words;
  const namespaceAt = setAt + sets * set.words;
  const blockAt = namespaceAt + sets * namespace.words;
  const scratchAt = upTo((blockAt + blocks * block.words) * Int32Array.BYTES_PER_ELEMENT, pageBytes);
  const blocksAt = scratchAt + seats * seatBytes;
  const pages = Math.ceil((blocksAt + blocks * blockBytes) / pageBytes);
  return { seats, sets, blocks, seatAt, setAt, namespaceAt, blockAt, scratchAt, blocksAt, pages };
};
