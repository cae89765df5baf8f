/**
 * The two levels as one: memory first, then disk; what was found on disk is then kept in memory too. Serves all models
 * of a process, because a key names its model.
 */
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import type { DiskCache, DiskCacheFigures } from "./disk-cache.ts";
import { makeMemoryCache } from "./memory-cache.ts";

export interface VectorCacheFigures {
  readonly hitsMemory: number;
  readonly hitsDisk: number;
  readonly misses: number;
  readonly memory: { readonly bytes: number; readonly entries: number; readonly evictions: number };
  /** Null without a disk level. */
  readonly disk: DiskCacheFigures | null;
}

export interface VectorCache {
  /** Vectors of each key, in order; null where there are none. They are the caller's own. */
  readonly get: (keys: readonly string[], dimensions: number) => readonly (PassageVectors | null)[];
  /** Keeps copies. Texts without vectors are not kept: the next version of a model, or of a service, may know them. */
  readonly put: (key: string, vectors: PassageVectors) => void;
  /** Forgets entries on both levels; false when the disk could not be written just now. */
  readonly drop: (keys: readonly string[]) => boolean;
  readonly figures: () => VectorCacheFigures;
  readonly close: () => void;
}

export const copyVectors = (vectors: PassageVectors): PassageVectors => vectors.map((vector) => vector.slice());

export interface VectorCacheOptions {
  readonly memoryBytes: number;
  /** Closed together with this cache. */
  readonly disk: DiskCache | null;
}

export const makeVectorCache = ({ memoryBytes, disk }: VectorCacheOptions): VectorCache => {
  const memory = makeMemoryCache(memoryBytes);
  let hitsMemory = 0;
  let hitsDisk = 0;
  let misses = 0;

  return {
    get: (keys, dimensions) => {
      const found = keys.map((key) => memory.get(key));
      const absent = keys.filter((_, index) => found[index] === undefined);
      hitsMemory += keys.length - absent.length;
      if (absent.length === 0) return found.map((vectors) => copyVectors(vectors ?? []));
      const read = disk?.get(absent, dimensions) ?? [];
      const fromDisk = new Map<string, PassageVectors>();
      for (const [index, key] of absent.entries()) {
        const vectors = read[index];
        if (vectors === null || vectors === undefined) continue;
        fromDisk.set(key, vectors);
        memory.set(key, vectors);
      }
      return keys.map((key, index) => {
        const vectors = found[index] ?? fromDisk.get(key);
        if (found[index] === undefined) {
          if (vectors === undefined) misses += 1;
          else hitsDisk += 1;
        }
        return vectors === undefined ? null : copyVectors(vectors);
      });
    },
    put: (key, vectors) => {
      if (vectors.length === 0) return;
      memory.set(key, copyVectors(vectors));
      disk?.put(key, vectors);
    },
    drop: (keys) => {
      for (const key of keys) memory.remove(key);
      return disk?.drop(keys) ?? true;
    },
    figures: () => ({
      hitsMemory,
      hitsDisk,
      misses,
      memory: memory.figures(),
      disk: disk?.figures() ?? null,
    }),
    close: () => disk?.close(),
  };
};
