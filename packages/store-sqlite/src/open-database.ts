/**
 * Opens one SQLite file as this engine needs it: WAL, every commit on disk before it returns (`synchronous=FULL`; the
 * driver's default loses the last commits in a power cut), deleted content overwritten.
 */
import Database from "better-sqlite3-multiple-ciphers";
import { existsSync } from "node:fs";
import { storageError } from "./sqlite-error.ts";

export type Sqlite = Database.Database;
export type Statement = Database.Statement;

/** How long one attempt may wait, in the calling thread, for another process's lock; waiting longer is done by retrying. */
const lockWaitMs = 20;
const cacheKiB = 4096;

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
      database.pragma("temp_store = MEMORY");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    const coded = storageError(error);
    if (!existsSync(file) || !["storage.read_only", "storage.unavailable", "storage.full"].includes(coded.code)) throw coded;
    return openReadOnly(file);
  }
};

const openReadOnly = (file: string): Sqlite => {
  try {
    const database = new Database(file, { timeout: lockWaitMs, readonly: true });
    try {
      database.prepare("SELECT count(*) FROM sqlite_master").get();
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw storageError(error);
  }
};
