/**
 * Vectors on disk, for all models and all processes of a data folder. Writes wait in memory and go to the file in
 * small slices between which other work of the thread runs; so do evictions. Whatever fails, work goes on: a busy file
 * is a miss, a damaged one starts again empty, and one that cannot be used at all is switched off with one warning.
 */
import { join } from "node:path";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import { type DiskFile, openDiskFile, removeDiskFile } from "./disk-file.ts";
import { packVectors, unpackVectors } from "./vector-bytes.ts";

/** One transaction's worth, so that it takes about a millisecond. */
const sliceBytes = 65_536;
const sliceRows = 64;
const mostPendingBytes = 16 * 1_048_576;
const busyRetryMs = 50;
const triesAtClose = 40;
/** Opening may wait for another process, in this thread: not again at once. */
const reopenAfterMs = 5_000;
/** A hit is only written down when the last one was at least so long ago. */
const touchEveryMs = 86_400_000;
/** Damage is mended by an empty file; damage that comes back is not the file's. */
const mostResets = 3;
/** SQLite itself takes some ten pages; less than this could hold nothing. */
const leastBytes = 262_144;

export interface DiskCacheOptions {
  readonly folder: string;
  readonly bytes: number;
  /** Takes one line, once, when the cache cannot be used. */
  readonly warn: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

export interface DiskCacheFigures {
  readonly bytes: number;
  readonly evictions: number;
  /** Entries that were damaged or of another form, and removed. */
  readonly damaged: number;
  /** Why nothing is kept on disk; null while all is well. */
  readonly off: string | null;
}

export interface DiskCache {
  readonly get: (keys: readonly string[], dimensions: number) => readonly (PassageVectors | null)[];
  readonly put: (key: string, vectors: PassageVectors) => void;
  /** Removes entries here and now; false when that could not be done. */
  readonly drop: (keys: readonly string[]) => boolean;
  readonly figures: () => DiskCacheFigures;
  /** Writes what waits. */
  readonly close: () => void;
}

/** The form of the file is in its name: another version of Cairn beside this one uses a file of its own. */
export const diskCacheFile = (folder: string): string => join(folder, "vectors-1.db");

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
const isBusy = (code: string): boolean => code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED");
const isDamage = (code: string): boolean => code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";

const reasonOf = (code: string): string => {
  if (code === "SQLITE_FULL" || code === "ENOSPC" || code === "EDQUOT") return "the disk is full";
  if (/READONLY|CANTOPEN|EACCES|EPERM|EROFS/u.test(code)) return "the folder cannot be written";
  return `the file cannot be used (${code})`;
};

/** Never throws. With fewer than 256 KiB it keeps nothing. */
export const openDiskCache = (options: DiskCacheOptions): DiskCache => {
  const { folder, bytes: mostBytes, warn, clock = Date.now } = options;
  const path = diskCacheFile(folder);
  const pending = new Map<string, Buffer>();
  const touched = new Set<string>();
  let pendingBytes = 0;
  let file: DiskFile | null = null;
  let off: string | null = mostBytes < leastBytes ? "it is set to 0" : null;
  let openAgainAt = Number.NEGATIVE_INFINITY;
  let resets = 0;
  let evictions = 0;
  let damaged = 0;
  let flushing: NodeJS.Immediate | NodeJS.Timeout | null = null;

  const closeFile = (): void => {
    try {
      file?.close();
    } catch {
      // There is nothing left to save.
    }
    file = null;
  };

  const switchOff = (code: string): void => {
    off = reasonOf(code);
    closeFile();
    pending.clear();
    touched.clear();
    pendingBytes = 0;
    warn(`The cache of embeddings in ${folder} is off: ${off}. Everything works, but texts are embedded again.`);
  };

  /** Runs with the file, opening it first; `otherwise` when that fails, after mending or switching off. */
  const withFile = <T>(run: (opened: DiskFile) => T, otherwise: T): T => {
    if (off !== null || (file === null && clock() < openAgainAt)) return otherwise;
    try {
      file ??= openDiskFile(path);
      return run(file);
    } catch (error) {
      const code = codeOf(error);
      if (isBusy(code)) {
        if (file === null) openAgainAt = clock() + reopenAfterMs;
        return otherwise;
      }
      if (!isDamage(code) || resets >= mostResets) {
        switchOff(code);
        return otherwise;
      }
      resets += 1;
      closeFile();
      try {
        removeDiskFile(path);
      } catch (failure) {
        switchOff(codeOf(failure));
      }
      return otherwise;
    }
  };

  const nextSlice = (): readonly (readonly [string, Buffer])[] => {
    const slice: (readonly [string, Buffer])[] = [];
    let size = 0;
    for (const entry of pending) {
      if (slice.length >= sliceRows || (size > 0 && size + entry[1].length > sliceBytes)) break;
      slice.push(entry);
      size += entry[1].length;
    }
    return slice;
  };

  const settled = (key: string, value: Buffer): void => {
    if (pending.get(key) !== value) return;
    pending.delete(key);
    pendingBytes -= value.length;
  };

  /** One slice of writing and evicting; true when there is more to do, null when the file was busy. */
  const writeSlice = (): boolean | null => {
    const slice = nextSlice();
    const touching = [...touched].slice(0, sliceRows);
    const more = withFile<boolean | null>((opened) => {
      const now = clock();
      const evicted = opened.writing(() => {
        for (const [key, value] of slice) opened.write(key, value, now);
        for (const key of touching) opened.touch(key, now);
        return opened.size().used > mostBytes ? opened.evict(sliceRows) : 0;
      });
      evictions += evicted;
      const { used, file: whole } = opened.size();
      if (evicted === 0 && whole > mostBytes && used < whole) opened.shrink(sliceRows);
      return evicted > 0 || (whole > mostBytes && used < whole);
    }, null);
    if (more === null) return off === null ? null : false;
    for (const [key, value] of slice) settled(key, value);
    for (const key of touching) touched.delete(key);
    return more || pending.size > 0 || touched.size > 0;
  };

  const schedule = (): void => {
    flushing ??= setImmediate(flush);
  };
  const flush = (): void => {
    flushing = null;
    const more = writeSlice();
    if (more === null) flushing = setTimeout(flush, busyRetryMs).unref();
    else if (more) schedule();
  };

  const keep = (key: string, value: Buffer): void => {
    pendingBytes += value.length - (pending.get(key)?.length ?? 0);
    pending.set(key, value);
    for (const [oldest, { length }] of pending) {
      if (pendingBytes <= mostPendingBytes) break;
      pending.delete(oldest);
      pendingBytes -= length;
    }
    schedule();
  };

  const discard = (keys: readonly string[]): boolean => {
    for (const key of keys) {
      const value = pending.get(key);
      if (value !== undefined) settled(key, value);
    }
    return withFile((opened) => {
      opened.writing(() => {
        for (const key of keys) opened.remove(key);
      });
      return true;
    }, off !== null);
  };

  const readAll = (keys: readonly string[]): ReadonlyMap<string, Uint8Array> => {
    const found = new Map<string, Uint8Array>();
    const stale = clock() - touchEveryMs;
    withFile((opened) => {
      opened.reading(() => {
        for (const key of keys) {
          const row = opened.read(key);
          if (row === undefined) continue;
          found.set(key, row.value);
          if (row.used < stale) touched.add(key);
        }
      });
    }, undefined);
    if (touched.size > 0) schedule();
    return found;
  };

  return {
    get: (keys, dimensions) => {
      const found = readAll(keys.filter((key) => !pending.has(key)));
      const bad: string[] = [];
      const vectors = keys.map((key) => {
        const value = pending.get(key) ?? found.get(key);
        if (value === undefined) return null;
        const unpacked = unpackVectors(key, value, dimensions);
        if (unpacked === null) bad.push(key);
        return unpacked;
      });
      damaged += bad.length;
      if (bad.length > 0) discard(bad);
      return vectors;
    },
    put: (key, vectors) => {
      if (off !== null || vectors.length === 0) return;
      const value = packVectors(key, vectors);
      // A text of very many chunks is dearer to keep than to embed again.
      if (value.length <= mostBytes / 16) keep(key, value);
    },
    drop: discard,
    figures: () => {
      const bytes = withFile((opened) => opened.size().used, 0);
      return { bytes, evictions, damaged, off };
    },
    close: () => {
      if (flushing !== null) {
        clearImmediate(flushing as NodeJS.Immediate);
        clearTimeout(flushing as NodeJS.Timeout);
      }
      flushing = null;
      // Each try waits a little for the file's other users, but not for ever.
      for (let busy = 0; pending.size > 0 && busy < triesAtClose;) if (writeSlice() === null) busy += 1;
      off ??= "it is closed";
      closeFile();
    },
  };
};
