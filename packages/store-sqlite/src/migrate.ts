/**
 * Forward-only migrations of a space's file: one at a time under SQLite's write lock, so that several processes that
 * start at once migrate once, each step in the same transaction as its number, and a copy of the file made before an
 * existing one is changed. Rollback floor: a file is readable by any version that knows its number; an older Cairn
 * refuses a newer file instead of guessing.
 */
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import Database from "better-sqlite3-multiple-ciphers";
import { foundation } from "./migrations/0001-foundation.ts";
import { vectors } from "./migrations/0002-vectors.ts";
import { trust } from "./migrations/0003-trust.ts";
import { notes } from "./migrations/0004-notes.ts";
import type { Sqlite } from "./open-database.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  { name: "foundation", sql: foundation },
  { name: "vectors", sql: vectors },
  { name: "trust", sql: trust },
  { name: "notes", sql: notes },
];

const versionOf = (database: Sqlite): number => Number(database.pragma("user_version", { simple: true }));

const newer = (found: number, target: number): CairnError =>
  new CairnError(
    "storage.newer",
    `This space was written by a newer Cairn (format ${found}, this one knows ${target}). Update Cairn.`,
  );

/** A copy of the last committed state, through a connection of its own, since SQLite cannot copy inside a transaction. */
const copyFile = (file: string, target: number): void => {
  const source = new Database(file, { readonly: true });
  try {
    source.prepare("VACUUM INTO ?").run(`${file}.before-${target}-${newId()}`);
  } finally {
    source.close();
  }
};

/** For a file that cannot be written: throws unless it has the format that this version reads. */
export const checkFormat = (database: Sqlite, steps: readonly Migration[] = migrations): void => {
  const found = versionOf(database);
  if (found > steps.length) throw newer(found, steps.length);
  if (found < steps.length) {
    throw new CairnError(
      "storage.read_only",
      "This space's file must be brought to a newer format, but the data folder cannot be written to.",
    );
  }
};

/** Brings a file to the newest version. Throws storage.newer; a busy file throws SQLite's own busy error. */
export const migrate = (database: Sqlite, file: string, steps: readonly Migration[] = migrations): void => {
  const target = steps.length;
  const seen = versionOf(database);
  if (seen === target) return;
  if (seen > target) throw newer(seen, target);
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have migrated while this one waited for the lock.
    const found = versionOf(database);
    if (found > target) throw newer(found, target);
    if (found > 0 && found < target) copyFile(file, target);
    for (let version = found; version < target; version++) {
      database.exec(steps[version]!.sql);
      database.pragma(`user_version = ${version + 1}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
};
