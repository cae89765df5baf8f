/**
 * The lock of the pool's tables. It is held for the few word operations of an allocation or an eviction, never while
 * vectors are read or written: readers pin an epoch instead (epochs.ts). One lock, because what must change together
 * (the list of free blocks, a namespace's account, two heaps) has no lock-free form whose proof would be worth what it
 * saves, and because a lock says who was at work when a thread dies: then the tables are made anew.
 *
 * Who does not get it spins, and sleeps a millisecond at a time when the holder has evidently lost its processor.
 */
import { header } from "./pool-layout.ts";

const spins = 2_000;
const sleepMs = 1;

/** Held by the thread that made the pool and has no seat in it. */
export const outside = 0x7fff_ffff;

/** Takes the lock for `holder`, a seat + 1 or `outside`, if nobody holds it. */
export const tryLock = (words: Int32Array, holder: number): boolean =>
  Atomics.compareExchange(words, header.lock, 0, holder) === 0;

export const lock = (words: Int32Array, holder: number): void => {
  for (let tries = 1; !tryLock(words, holder); tries++) {
    const other = Atomics.load(words, header.lock);
    if (tries % spins === 0 && other !== 0) Atomics.wait(words, header.lock, other, sleepMs);
  }
};

export const unlock = (words: Int32Array): void => void Atomics.store(words, header.lock, 0);
