/**
 * How many questions wait for an answer, on whichever thread of the process: one number in shared memory, so that
 * writes can make room for them without being told.
 */
export type Readers = Int32Array;

export const makeReaders = (): Readers => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Counts a question until its answer, whatever that is. */
export const counted = async <T>(readers: Readers, answer: () => Promise<T>): Promise<T> => {
  Atomics.add(readers, 0, 1);
  try {
    return await answer();
  } finally {
    Atomics.sub(readers, 0, 1);
  }
};

export const anyoneWaits = (readers: Readers): boolean => Atomics.load(readers, 0) > 0;
