/**
 * Opens the directory's file so that several processes can use it at once: write-ahead log, every commit synced.
 * Where nothing can be written, what is there is read from a copy in memory, so that recalls go on.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { migrate } from "./migrations.ts";
import { isReadOnly } from "./storage-error.ts";

/**
 * SQLite waits in this thread, so it waits shortly and callers try again (`sqlite-space-directory.ts`); only a
 * migration, which happens once, is waited for here.
 */
const briefMillis = 20;
const migrationMillis = 10_000;

const openWritable = (file: string): Database.Database => {
  mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file, { timeout: migrationMillis });
  try {
    database.pragma("journal_mode = wal");
    database.pragma("synchronous = full");
    migrate(database);
    database.pragma(`busy_timeout = ${briefMillis}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** Bytes 18 and 19 of the header say whether the file is in WAL mode (2), which a copy in memory cannot be in. */
const openCopy = (file: string): Database.Database => {
  const bytes = readFileSync(file);
  bytes.fill(1, 18, 20);
  const database = new Database(bytes);
  database.pragma("query_only = on");
  return database;
};

const openReadOnly = (file: string): Database.Database => {
  try {
    const database = new Database(file, { readonly: true, fileMustExist: true, timeout: briefMillis });
    database.prepare("select count(*) from spaces").get();
    return database;
  } catch {
    return openCopy(file);
  }
};

export interface SqliteFile {
  readonly database: Database.Database;
  readonly writable: boolean;
}

export const openSqliteFile = (file: string): SqliteFile => {
  try {
    return { database: openWritable(file), writable: true };
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    try {
      return { database: openReadOnly(file), writable: false };
    } catch {
      throw error;
    }
  }
};
