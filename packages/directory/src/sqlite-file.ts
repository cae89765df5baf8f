/**
 * Opens the directory's file so that several processes can use it at once: write-ahead log, every commit synced.
 * Where nothing can be written, what is there is read from a copy in memory, so that recalls go on.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { migrate, migrations, versionOf } from "./migrations.ts";
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

/** A file of an earlier version, which cannot be changed, is brought up to date in memory. */
const inMemory = (bytes: Buffer): Database.Database => {
  const database = new Database(bytes);
  migrate(database);
  database.pragma("query_only = on");
  return database;
};

/** Bytes 18 and 19 of the header say whether the file is in WAL mode (2), which a copy in memory cannot be in. */
const withoutWal = (bytes: Buffer): Buffer => bytes.fill(1, 18, 20);

/** What is there, for reading. Throws SQLite's and the file system's own errors. */
export const openReadOnly = (file: string): Database.Database => {
  let database: Database.Database;
  try {
    database = new Database(file, { readonly: true, fileMustExist: true, timeout: briefMillis });
    database.prepare("select count(*) from spaces").get();
  } catch {
    return inMemory(withoutWal(readFileSync(file)));
  }
  if (versionOf(database) >= migrations.length) return database;
  try {
    return inMemory(withoutWal(database.serialize()));
  } finally {
    database.close();
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
