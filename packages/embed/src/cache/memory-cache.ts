/**
 * Vectors in memory, up to a number of bytes; what was not used for longest goes first. A `Map` keeps the order in
 * which keys were set, so that setting again on a hit is all the bookkeeping there is.
 */
import type { PassageVectors } from "@cairn/memory/embedding/embedder";

/** What an entry costs besides its numbers: the key, the map's slot, the arrays. */
const entryOverhead = 250;
const vectorOverhead = 120;

const sizeOf = (vectors: PassageVectors): number =>
  vectors.reduce((total, vector) => total + vector.byteLength + vectorOverhead, entryOverhead);

export interface MemoryCache {
  /** The kept vectors themselves: callers copy what they hand on. */
  readonly get: (key: string) => PassageVectors | undefined;
  /** Keeps these very vectors; nobody may change them any more. */
  readonly set: (key: string, vectors: PassageVectors) => void;
  readonly remove: (key: string) => void;
  readonly figures: () => { readonly bytes: number; readonly entries: number; readonly evictions: number };
}

/** With 0 bytes it keeps nothing. */
export const makeMemoryCache = (mostBytes: number): MemoryCache => {
  const kept = new Map<string, PassageVectors>();
  let bytes = 0;
  let evictions = 0;

  const remove = (key: string): void => {
    const vectors = kept.get(key);
    if (vectors === undefined) return;
    kept.delete(key);
    bytes -= sizeOf(vectors);
  };

  return {
    get: (key) => {
      const vectors = kept.get(key);
      if (vectors === undefined) return undefined;
      kept.delete(key);
      kept.set(key, vectors);
      return vectors;
    },
    set: (key, vectors) => {
      remove(key);
      const size = sizeOf(vectors);
      if (size > mostBytes) return;
      kept.set(key, vectors);
      bytes += size;
      for (const oldest of kept.keys()) {
        if (bytes <= mostBytes) break;
        remove(oldest);
        evictions += 1;
      }
    },
    remove,
    figures: () => ({ bytes, entries: kept.size, evictions }),
  };
};
