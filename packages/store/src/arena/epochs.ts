/**
 * Epoch-based reclamation (Fraser 2004, "Practical lock-freedom"; Hart, McKenney, Demke Brown & Walpole 2007,
 * "Performance of memory reclamation for lockless synchronization"): a block that was retired is used again only when
 * no reader that might still see it is left.
 *
 * A reader writes the epoch to its seat ("pins" it), then looks whether its set is still resident, reads, and takes the
 * pin away. Who evicts a set clears `resident` first, stamps the blocks with the epoch, and then counts the epoch up. A
 * stamped block is free when every pin is younger than its stamp:
 *   - a pin younger than the stamp was made after the epoch was counted up, so its reader saw that the set is gone;
 *   - a reader whose pin was not there yet when the pins were looked at looks at `resident` after that, and the block
 *     was in the list of the retired by then, so it too saw that the set is gone.
 * All these accesses are sequentially consistent, as everything in `Atomics` is.
 *
 * The epoch counts retirements rather than rounds, so that one slow reader holds back only what was retired since it
 * began. It wraps around: two epochs are compared by the sign of their difference.
 */
import { header, type Layout, seat } from "./pool-layout.ts";

/** Whether the count `a` came before `b`, both 32 bits and less than 2³¹ apart. */
export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;

export const pinWord = (layout: Layout, at: number): number => layout.seatAt + at * seat.words + seat.pin;

/** Announces that the thread reads; `unpin` with the same word when it is done. */
export const pin = (words: Int32Array, word: number): void => {
  let epoch = Atomics.load(words, header.epoch);
  for (;;) {
    Atomics.store(words, word, epoch);
    // A pin that is older than need be is safe, but would hold back more than it must.
    const now = Atomics.load(words, header.epoch);
    if (now === epoch) return;
    epoch = now;
  }
};

export const unpin = (words: Int32Array, word: number): void => void Atomics.store(words, word, 0);

/** The oldest pin; 0 when nobody reads. */
export const oldestPin = (words: Int32Array, layout: Layout): number => {
  let oldest = 0;
  for (let at = 0; at < layout.seats; at++) {
    const pinned = Atomics.load(words, pinWord(layout, at));
    if (pinned !== 0 && (oldest === 0 || before(pinned, oldest))) oldest = pinned;
  }
  return oldest;
};

/** Counts the epoch up, past 0; under the lock. */
export const advance = (words: Int32Array): void => {
  const next = (Atomics.load(words, header.epoch) + 1) | 0;
  Atomics.store(words, header.epoch, next === 0 ? 1 : next);
};
