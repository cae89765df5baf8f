/**
 * The file of the cache on disk. SQLite, because several processes share it and it must evict; one row a text, found
 * by its key. Measured with 20,000 texts on two busy cores: 32 texts of 384 dimensions are written in 0.5 ms and read
 * in 0.5 ms, 16 of 1,536 about as fast, so it works in the calling thread, a small slice at a time (`disk-cache.ts`).
 * A table without rowid, its rows in the order of the keys, took ten times as long.
 *
 * Nothing is lost with it, so no commit waits for the disk (`synchronous = off`): after a power cut the file may be
 * damaged, which checksums and SQLite notice, and it starts empty.
 */
import { chmodSync, closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";

const openingMillis = 250;
/** SQLite waits in this thread, so it hardly waits: a cache that is busy is a cache that misses. */
const briefMillis = 5;

export interface DiskFile {
  readonly read: (key: string) => { readonly value: Uint8Array; readonly used: number } | undefined;
  readonly write: (key: string, value: Uint8Array, used: number) => void;
  readonly touch: (key: string, used: number) => void;
  readonly remove: (key: string) => void;
  /** Removes the rows that were used longest ago; returns how many there were. */
  readonly evict: (most: number) => number;
  readonly reading: <T>(run: () => T) => T;
  readonly writing: <T>(run: () => T) => T;
  /** Bytes in use, and bytes of the file, which are more after an eviction. */
  readonly size: () => { readonly used: number; readonly file: number };
  /** Gives freed pages back to the disk, up to a number of them. */
  readonly shrink: (pages: number) => void;
  readonly close: () => void;
}

const privately = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  chmodSync(dirname(file), 0o700);
  // SQLite gives the files beside it (-wal, -shm) the rights of the file itself.
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
};

const prepare = (database: Database.Database): void => {
  database.pragma("page_size = 8192");
  database.pragma("auto_vacuum = incremental");
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = off");
  database.pragma("wal_autocheckpoint = 250");
  database.exec(`
    create table if not exists vectors (key text not null unique, value blob not null, used integer not null) strict;
    create index if not exists vectors_by_use on vectors (used);
  `);
};

/** Throws what SQLite or the file system throw. */
export const openDiskFile = (file: string): DiskFile => {
  privately(file);
  const database = new Database(file, { timeout: openingMillis });
  try {
    prepare(database);
    database.pragma(`busy_timeout = ${briefMillis}`);
    const select = database.prepare<[string], { value: Buffer; used: number }>(
      "select value, used from vectors where key = ?",
    );
    const upsert = database.prepare(
      "insert into vectors (key, value, used) values (?, ?, ?) on conflict (key) do update set value = excluded.value, used = excluded.used",
    );
    const touch = database.prepare("update vectors set used = ? where key = ?");
    const remove = database.prepare("delete from vectors where key = ?");
    const evict = database.prepare(
      "delete from vectors where rowid in (select rowid from vectors order by used, rowid limit ?)",
    );
    const pages = (name: string): number => Number(database.pragma(name, { simple: true }));
    return {
      read: (key) => select.get(key),
      write: (key, value, used) => void upsert.run(key, value, used),
      touch: (key, used) => void touch.run(used, key),
      remove: (key) => void remove.run(key),
      evict: (most) => evict.run(most).changes,
      reading: (run) => database.transaction(run).deferred(),
      writing: (run) => database.transaction(run).immediate(),
      size: () => {
        const file = pages("page_count");
        return { used: (file - pages("freelist_count")) * pages("page_size"), file: file * pages("page_size") };
      },
      shrink: (most) => void database.pragma(`incremental_vacuum(${most})`),
      close: () => void database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
};

/** The log goes first: a new file must never find an old one beside it. */
export const removeDiskFile = (file: string): void => {
  for (const suffix of ["-wal", "-shm", ""]) rmSync(`${file}${suffix}`, { force: true });
};
