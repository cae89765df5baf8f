/**
 * The pool: one shared WebAssembly memory, allocated once, for the vectors of all hot spaces of a process (ENG-6). Each
 * storage thread takes a seat in it and works on the same bytes; nothing is copied between threads, and a block that one
 * space gives back serves the next, whichever thread it is on. Pages that were never written cost no real memory, so
 * the budget is an upper bound and not a price.
 *
 * This module is the side of who made it: seats, the figures, and clearing away after threads that died. `openArena`
 * is the side of a thread.
 */
import { CairnError } from "@cairn/kernel/error";
import { blockBytes } from "./block-shape.ts";
import { before, oldestPin, pinWord } from "./epochs.ts";
import { freeBlocks } from "./pool-blocks.ts";
import { header, type Layout, layoutOf, mostPages, seatState } from "./pool-layout.ts";
import { lock, outside, tryLock, unlock } from "./pool-lock.ts";
import { rebuild, seatWord, sweep } from "./pool-recovery.ts";
import { poolSets, type PoolSets } from "./pool-sets.ts";
import { makeSharedMemory, type SharedMemory } from "./scan.ts";

export interface PoolOptions {
  /** Bytes that vectors may take; less where the system does not give as much. */
  readonly bytes: number;
  /** Threads that may use it at once. */
  readonly seats: number;
  /** The share of the budget that a namespace may hold while others want room. */
  readonly quota?: number;
  readonly sets?: number;
  /** Where counting retirements begins; for tests of its wrapping around. */
  readonly epoch?: number;
}

/** What a thread needs to work in the pool; it may be sent to another thread. */
export interface PoolSeat {
  readonly memory: SharedMemory;
  readonly seat: number;
}

/** Sizes in bytes; everything else counts. */
export interface PoolFigures {
  /** Questions answered from the pool. */
  readonly hits: number;
  /** Questions whose vectors were not in it: brought back by the question (`loads`), or read from the store. */
  readonly misses: number;
  readonly loads: number;
  readonly fallbacks: number;
  readonly evictions: number;
  /** In blocks that sets hold. */
  readonly bytes: number;
  /** In blocks that wait for their readers. */
  readonly retired_bytes: number;
  /** In blocks that were ever used: about what the pool costs in real memory. */
  readonly touched_bytes: number;
  readonly budget_bytes: number;
  readonly sets: number;
  readonly namespaces: number;
  /** Retirements since the oldest reader began; 0 when nobody reads. */
  readonly epoch_lag: number;
}

export interface Pool {
  /** A seat for one more thread; when all are taken, one in a pool of its own that holds nothing. */
  readonly join: () => PoolSeat;
  /** The thread of this seat has ended: whatever it held is given back. */
  readonly leave: (seat: PoolSeat) => void;
  readonly figures: () => PoolFigures;
}

const mostSets = 4_096;

/** The tables as a thread sees them; `exclusively` runs `work` under the lock. */
export interface PoolTables {
  readonly words: Int32Array;
  readonly layout: Layout;
  readonly sets: PoolSets;
  readonly exclusively: <T>(work: () => T) => T;
}

export const openTables = (memory: SharedMemory, holder: number): PoolTables => {
  const words = new Int32Array(memory.buffer);
  const layout = layoutOf({
    seats: words[header.seats]!,
    sets: words[header.sets]!,
    blocks: words[header.blocks]!,
  });
  const sets = poolSets(words, layout);
  const exclusively = <T>(work: () => T): T => {
    lock(words, holder);
    try {
      sweep(words, layout, sets);
      return work();
    } finally {
      unlock(words);
    }
  };
  return { words, layout, sets, exclusively };
};

/** The largest memory for at most `blocks` that the system gives. */
const reserve = (seats: number, sets: number, wanted: number): readonly [SharedMemory, Layout] => {
  for (let blocks = wanted; ; blocks = Math.floor(blocks / 2)) {
    const layout = layoutOf({ seats, sets, blocks });
    try {
      if (layout.pages <= mostPages) return [makeSharedMemory(layout.pages), layout];
    } catch (error) {
      if (blocks > 0) continue;
      throw new CairnError("internal", "There is no memory for vectors.", {}, { cause: error });
    }
  }
};

/**
 * Allocates a pool. With a budget below one block it holds nothing and every question is answered from the store; the
 * scratch of `seats` threads comes on top. Addresses have 32 bits: at most about 4,080 MiB are used.
 */
export const makePool = ({ bytes, seats, quota = 0.5, sets = mostSets, epoch = 1 }: PoolOptions): Pool => {
  const fixed = layoutOf({ seats, sets, blocks: 0 }).pages + 8;
  const most = Math.floor(((mostPages - fixed) * 65_536) / blockBytes);
  const [memory, layout] = reserve(seats, sets, Math.min(most, Math.floor(bytes / blockBytes)));
  const words = new Int32Array(memory.buffer);
  words[header.epoch] = epoch;
  words[header.seats] = seats;
  words[header.sets] = sets;
  words[header.blocks] = layout.blocks;
  words[header.quota] = Math.max(1, Math.floor(layout.blocks * quota));
  const tables = openTables(memory, outside);

  const join = (): PoolSeat => {
    for (let at = 0; at < seats; at++) {
      const word = seatWord(layout, at);
      if (Atomics.compareExchange(words, word, seatState.free, seatState.taken) === seatState.free) {
        return { memory, seat: at };
      }
    }
    return makePool({ bytes: 0, seats: 1 }).join();
  };

  const leave: Pool["leave"] = ({ memory: theirs, seat: at }) => {
    if (theirs !== memory) return;
    // It reads no more, so that nobody has to wait for it even if what it held cannot be cleared away just now.
    Atomics.store(words, pinWord(layout, at), 0);
    Atomics.store(words, seatWord(layout, at), seatState.dead);
    Atomics.store(words, header.dead, 1);
    if (Atomics.load(words, header.lock) === at + 1) rebuild(words, layout);
    // Where somebody is at work, whoever comes next clears away: this thread waits for nobody.
    else if (!tryLock(words, outside)) return;
    sweep(words, layout, tables.sets);
    unlock(words);
  };

  const read = (word: number): number => Atomics.load(words, word);
  const figures = (): PoolFigures => {
    const [loads, fallbacks] = [read(header.loads), read(header.fallbacks)];
    const oldest = oldestPin(words, layout);
    const now = read(header.epoch);
    const retired = read(header.retiredBlocks);
    return {
      hits: read(header.hits),
      misses: loads + fallbacks,
      loads,
      fallbacks,
      evictions: read(header.evictions),
      bytes: Math.max(0, layout.blocks - freeBlocks(words, layout) - retired) * blockBytes,
      retired_bytes: retired * blockBytes,
      touched_bytes: read(header.freshBlock) * blockBytes,
      budget_bytes: layout.blocks * blockBytes,
      sets: read(header.openSets),
      namespaces: read(header.openNamespaces),
      epoch_lag: oldest === 0 || !before(oldest, now) ? 0 : (now - oldest) | 0,
    };
  };

  return { join, leave, figures };
};
