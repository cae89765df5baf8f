/**
 * Forward-only migrations of a space's file: one at a time under SQLite's write lock, so that several processes that
 * start at once migrate once, each step in the same transaction as its number, and a copy of the file made before an
 * existing one is changed. Rollback floor: a file is readable by any version that knows its number; an older Cairn
 * refuses a newer file instead of guessing.
 */
import { CairnError } from "@cairn/kernel/error";
import { foundation } from "./migrations/0001-foundation.ts";
import type { Sqlite } from "./open-database.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [{ name: "foundation", sql: foundation }];

const versionOf = (database: Sqlite): number => Number(database.pragma("user_version", { simple: true }));

/** Brings a file to the newest version. Throws storage.newer; a busy file throws SQLite's own busy error. */
export const migrate = (database: Sqlite, file: string, steps: readonly Migration[] = migrations): void => {
  const target = steps.length;
  const found = versionOf(database);
  if (found === target) return;
  if (found > target) {
    throw new CairnError("storage.newer", `This space was written by a newer Cairn (format ${found}, this one knows ${target}). Update Cairn.`);
  }
  if (found > 0) database.prepare("VACUUM INTO ?").run(`${file}.before-${target}-${Date.now()}`);
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have migrated while this one waited for the lock.
    for (let version = versionOf(database); version < target; version++) {
      database.exec(steps[version]!.sql);
      database.pragma(`user_version = ${version + 1}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
};
