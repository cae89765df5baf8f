/**
 * A bounded cache of two generations: reads look in the young one, then in the old one; when the young one is full it
 * becomes the old one. What is used often comes back into the young one, and nothing is moved or counted on a read of
 * it, so a hit costs one look-up.
 */
export interface UnitCache<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
}

/** Holds at most `capacity` entries. */
export const makeUnitCache = <Value>(capacity: number): UnitCache<Value> => {
  const generation = Math.max(1, Math.floor(capacity / 2));
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();

  const set = (key: string, value: Value): void => {
    if (young.size >= generation) {
      old = young;
      young = new Map();
    }
    young.set(detached(key), value);
  };

  return {
    get: (key) => {
      const found = young.get(key);
      if (found !== undefined) return found;
      const aged = old.get(key);
      if (aged !== undefined) set(key, aged);
      return aged;
    },
    set,
  };
};

/**
 * A copy that does not keep the text it was cut from alive: V8 holds the parent of every slice of 13 characters or
 * more, and a cache of words would hold whole documents.
 */
const detached = (slice: string): string => (slice.length < 13 ? slice : ` ${slice}`.slice(1));
