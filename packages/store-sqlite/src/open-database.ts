/**
 * Opens one SQLite file as this engine needs it: WAL, every commit on disk before it returns (`synchronous=FULL`; the
 * driver's default loses the last commits in a power cut), deleted content overwritten.
 */
import Database from "better-sqlite3-multiple-ciphers";
import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readOnlyFolder, storageError } from "./sqlite-error.ts";

export type Sqlite = Database.Database;
export type Statement = Database.Statement;

/** How long one attempt may wait, in the calling thread, for another process's lock; waiting longer is done by retrying. */
const lockWaitMs = 20;
const cacheKiB = 2048;

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** Throws storage errors. A folder that cannot be written gives a connection that only reads. */
export const openDatabase = (file: string): Sqlite => {
  try {
    const database = new Database(file, { timeout: lockWaitMs });
    try {
      database.pragma("journal_mode = WAL");
      database.pragma("synchronous = FULL");
      database.pragma("foreign_keys = ON");
      database.pragma("secure_delete = ON");
      database.pragma(`cache_size = -${cacheKiB}`);
      // 16 MB of log before it is copied back: an import writes the same pages of its indexes again and again.
      database.pragma("wal_autocheckpoint = 4000");
      database.pragma("temp_store = MEMORY");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    const coded = storageError(error);
    if (!existsSync(file)) throw isWritable(dirname(file)) ? coded : readOnlyFolder(error);
    if (!["storage.read_only", "storage.unavailable", "storage.full"].includes(coded.code)) throw coded;
    return openReadOnly(file);
  }
};

const openReadOnly = (file: string): Sqlite => {
  try {
    return readable(() => new Database(file, { timeout: lockWaitMs, readonly: true }));
  } catch (error) {
    // Reading in WAL mode needs a shared-memory file beside the database; where none can be made, a copy is read.
    try {
      return readable(() => new Database(committedBytes(file), { readonly: true }));
    } catch {
      throw storageError(error);
    }
  }
};

const readable = (open: () => Sqlite): Sqlite => {
  const database = open();
  try {
    database.prepare("SELECT count(*) FROM sqlite_master").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** The read and write versions of SQLite's header, which say that there is a write-ahead log (file format, §1.3). */
const walFlags = [18, 19];

/** The database with what its write-ahead log holds, as one image in memory. */
const committedBytes = (file: string): Buffer => {
  const wal = `${file}-wal`;
  const pending = (statSync(wal, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const bytes = pending ? replayed(file, wal) : readFileSync(file);
  for (const at of walFlags) bytes[at] = 1;
  return bytes;
};

const replayed = (file: string, wal: string): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-read-"));
  try {
    const copy = join(folder, "copy.db");
    copyFileSync(file, copy);
    copyFileSync(wal, `${copy}-wal`);
    const database = new Database(copy);
    try {
      return database.serialize();
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
