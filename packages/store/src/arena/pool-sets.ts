/**
 * The sets of vectors that use the pool, and who has to go when it is full.
 *
 * A set is the vectors of one space and kind. Its thread alone reads and writes them, but any thread may evict it when
 * it needs the room; the owner finds out at its next question and answers from the store, or brings the vectors back.
 *
 * What goes first is what stands lowest by `questions asked when it was last used + rows ÷ blocks`: GreedyDual-Size
 * (Young 1994, "The k-server dual and loose competitiveness for paging"; Cao & Irani 1997) with cost = rows that would
 * have to be read, size = blocks, and the count of questions as its clock, so that of two sets used alike the one that
 * frees a block at less cost goes, and a large set outlives a small one by at most its rows a block.
 *
 * Three rules keep that fair and calm:
 *   - a namespace above its quota gives way before anybody else does, and takes room only from itself and from what
 *     nobody has asked for in a long time;
 *   - a set displaces only sets that were not used since its own question before this one (the second last reference
 *     against the last, after O'Neil, O'Neil & Weikum 1993, "The LRU-K page replacement algorithm"). Spaces asked in turn
 *     that do not all fit would otherwise evict each other at every question; now as many as fit stay;
 *   - nothing is evicted unless that gives all the room asked for.
 */
import { advance, before } from "./epochs.ts";
import { freeBlocks, reclaim, retireBlock, takeBlock } from "./pool-blocks.ts";
import { block, header, type Layout, namespace, set } from "./pool-layout.ts";
import { account, enterNamespace, leaveNamespace, type NamespaceKey, namespaceRecord } from "./pool-namespaces.ts";
import { type Heap, insert, remove } from "./skew-heap.ts";

export const setRecord = (layout: Layout, number: number): number => layout.setAt + number * set.words;

/** Questions after which a set that was not among them may go for a namespace above its quota. */
const idleAfter = 1_024;

const all: Heap = { root: header.coldest, links: set.inAll };
const ofNamespace = (layout: Layout, number: number): Heap => ({
  root: namespaceRecord(layout, number) + namespace.coldest,
  links: set.inNamespace,
});

/** The functions that work on the tables of one pool. Except where it says otherwise, they are called under its lock. */
export interface PoolSets {
  /** A new set, resident and without blocks; −1 when there are too many. */
  readonly open: (owner: number, key: NamespaceKey, evictable: boolean) => number;
  readonly close: (number: number) => void;
  /** One more block for a resident set; −1 when there is no room, or when it is not resident any more. */
  readonly push: (number: number, rows: number, previous: number | null) => number;
  /** Retires the newest block of a set; nothing when it is not resident any more. */
  readonly pop: (number: number, rows: number) => void;
  /** Makes a set resident with so many blocks; null when there is no room. */
  readonly load: (number: number, blocks: number, rows: number, previous: number | null) => readonly number[] | null;
  /** Retires all blocks of a set, which is not resident then. */
  readonly vacate: (number: number) => void;
  /** Whether the set's vectors are in its blocks. Needs no lock, but a pin to rely on the answer. */
  readonly isResident: (number: number) => boolean;
  /** Notes a question; the clock at it. Needs no lock. */
  readonly ask: (number: number, rows: number) => number;
}

export const poolSets = (words: Int32Array, layout: Layout): PoolSets => {
  const rec = (number: number): number => setRecord(layout, number);

  const keyOf = (record: number): number =>
    (Atomics.load(words, record + set.asked) +
      Math.floor(Atomics.load(words, record + set.rows) / words[record + set.blocks]!)) |
    0;

  /** Sets that could give room stand in two heaps: of all, and of their namespace. */
  const stands = (record: number): boolean =>
    words[record + set.evictable] === 1 && words[record + set.resident] === 1 && words[record + set.blocks]! > 0;
  const putIn = (number: number): void => {
    const record = rec(number);
    if (!stands(record)) return;
    words[record + set.key] = keyOf(record);
    insert(words, layout, all, number);
    insert(words, layout, ofNamespace(layout, words[record + set.namespace]!), number);
  };
  const takeOut = (number: number): void => {
    const record = rec(number);
    if (!stands(record)) return;
    remove(words, layout, all, number);
    remove(words, layout, ofNamespace(layout, words[record + set.namespace]!), number);
  };

  /** The coldest of a heap; −1 when it is empty. Questions do not move sets, so those on top are put right here. */
  const coldest = (heap: Heap): number => {
    for (let link = words[heap.root]!; link !== 0; link = words[heap.root]!) {
      const record = rec(link - 1);
      if (!before(words[record + set.key]!, keyOf(record))) return link - 1;
      takeOut(link - 1);
      putIn(link - 1);
    }
    return -1;
  };

  const asked = (number: number): number => Atomics.load(words, rec(number) + set.asked);

  /** Who has to give way to a set of this namespace that wants so many blocks; −1 for nobody. */
  const victim = (home: number, wanted: number, previous: number | null): number => {
    const isColder = (found: number): boolean => previous !== null && before(asked(found), previous);
    const mine = namespaceRecord(layout, home);
    if (words[mine + namespace.blocks]! + wanted > words[header.quota]!) {
      const own = coldest(ofNamespace(layout, home));
      if (own >= 0 && isColder(own)) return own;
      const other = coldest(all);
      const isIdle = other >= 0 && before(asked(other), (Atomics.load(words, header.clock) - idleAfter) | 0);
      return isIdle ? other : -1;
    }
    for (let link = words[header.overQuota]!; link !== 0;) {
      const found = coldest(ofNamespace(layout, link - 1));
      if (found >= 0) return found;
      link = words[namespaceRecord(layout, link - 1) + namespace.overNext]!;
    }
    const found = coldest(all);
    return found >= 0 && isColder(found) ? found : -1;
  };

  const vacate = (number: number): void => {
    takeOut(number);
    const record = rec(number);
    // Before the blocks are stamped: whoever pins a later epoch must see it.
    Atomics.store(words, record + set.resident, 0);
    const count = words[record + set.blocks]!;
    if (count === 0) return;
    for (let link = words[record + set.lastBlock]!; link !== 0;) {
      const next = words[layout.blockAt + (link - 1) * block.words + block.next]!;
      retireBlock(words, layout, link - 1);
      link = next;
    }
    words[record + set.lastBlock] = 0;
    words[record + set.blocks] = 0;
    account(words, layout, words[record + set.namespace]!, -count);
    advance(words);
    reclaim(words, layout);
  };

  /** Sees to it that `wanted` blocks are free for a set that stands in no heap. */
  const makeRoom = (number: number, wanted: number, previous: number | null): boolean => {
    if (wanted > layout.blocks) return false;
    if (freeBlocks(words, layout) >= wanted) return true;
    reclaim(words, layout);
    const free = freeBlocks(words, layout);
    if (free >= wanted) return true;
    const home = words[rec(number) + set.namespace]!;
    // What is retired comes free when its readers are done: not now, but nobody else has to go for it.
    let room = free + words[header.retiredBlocks]!;
    const victims: number[] = [];
    while (room < wanted) {
      const found = victim(home, wanted, previous);
      if (found < 0) {
        for (const kept of victims) putIn(kept);
        return false;
      }
      takeOut(found);
      victims.push(found);
      room += words[rec(found) + set.blocks]!;
    }
    for (const gone of victims) {
      putIn(gone);
      vacate(gone);
    }
    Atomics.add(words, header.evictions, victims.length);
    return freeBlocks(words, layout) >= wanted;
  };

  const hold = (number: number, count: number): readonly number[] => {
    const record = rec(number);
    const taken = Array.from({ length: count }, () => {
      const fresh = takeBlock(words, layout);
      words[layout.blockAt + fresh * block.words + block.next] = words[record + set.lastBlock]!;
      words[record + set.lastBlock] = fresh + 1;
      return fresh;
    });
    words[record + set.blocks]! += count;
    account(words, layout, words[record + set.namespace]!, count);
    return taken;
  };

  const noteRows = (record: number, rows: number): void => void Atomics.store(words, record + set.rows, rows);

  return {
    open: (owner, key, evictable) => {
      const link = words[header.freeSet]!;
      if (link === 0 && words[header.freshSet]! >= layout.sets) return -1;
      const number = link === 0 ? words[header.freshSet]!++ : link - 1;
      const record = rec(number);
      if (link !== 0) words[header.freeSet] = words[record + set.nextFree]!;
      words.fill(0, record, record + set.words);
      words[record + set.namespace] = enterNamespace(words, layout, key);
      words[record + set.asked] = Atomics.load(words, header.clock);
      words[record + set.evictable] = evictable ? 1 : 0;
      words[record + set.resident] = 1;
      words[record + set.owner] = owner;
      words[header.openSets]!++;
      return number;
    },
    close: (number) => {
      vacate(number);
      const record = rec(number);
      leaveNamespace(words, layout, words[record + set.namespace]!);
      words[record + set.owner] = 0;
      words[record + set.nextFree] = words[header.freeSet]!;
      words[header.freeSet] = number + 1;
      words[header.openSets]!--;
    },
    push: (number, rows, previous) => {
      const record = rec(number);
      if (words[record + set.resident] !== 1) return -1;
      takeOut(number);
      noteRows(record, rows);
      const fresh = makeRoom(number, 1, previous) ? hold(number, 1)[0]! : -1;
      putIn(number);
      return fresh;
    },
    pop: (number, rows) => {
      const record = rec(number);
      if (words[record + set.resident] !== 1) return;
      takeOut(number);
      noteRows(record, rows);
      const last = words[record + set.lastBlock]! - 1;
      words[record + set.lastBlock] = words[layout.blockAt + last * block.words + block.next]!;
      words[record + set.blocks]!--;
      retireBlock(words, layout, last);
      account(words, layout, words[record + set.namespace]!, -1);
      advance(words);
      reclaim(words, layout);
      putIn(number);
    },
    load: (number, count, rows, previous) => {
      const record = rec(number);
      if (!makeRoom(number, count, previous)) return null;
      noteRows(record, rows);
      const taken = hold(number, count);
      Atomics.store(words, record + set.resident, 1);
      putIn(number);
      return taken;
    },
    vacate,
    isResident: (number) => Atomics.load(words, rec(number) + set.resident) === 1,
    ask: (number, rows) => {
      const now = (Atomics.add(words, header.clock, 1) + 1) | 0;
      Atomics.store(words, rec(number) + set.asked, now);
      noteRows(rec(number), rows);
      return now;
    },
  };
};
