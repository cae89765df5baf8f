/**
 * A space is gone through some numbers at a time, so that neither a statement nor what it holds grows with the space.
 */
export interface Range {
  /** Exclusive. */
  readonly after: number;
  /** Inclusive. */
  readonly upTo: number;
}

const width = 20_000;
/** Beyond what is ever given out; what damage has numbered otherwise belongs to the first or the last range. */
const farthest = 2 ** 53 - 1;

/** Ranges of the numbers up to `last`, which together hold every number there is. */
export const rangesUpTo = (last: number): readonly Range[] => {
  const count = Math.max(1, Math.ceil(last / width));
  return Array.from({ length: count }, (_, at) => ({
    after: at === 0 ? -farthest : at * width,
    upTo: at === count - 1 ? farthest : (at + 1) * width,
  }));
};
