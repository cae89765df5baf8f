/** Notes of writes for the audit (TEN-8), when the audit has them or their space is to go. */
import { existsSync } from "node:fs";
import { isCairnError } from "@cairn/kernel/error";
import type { Steps } from "@cairn/memory/write/context";
import { openDatabase } from "../open-database.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { isBusy, readOnlyFolder, storageError } from "../sqlite-error.ts";
import { untilUnlocked } from "./transaction.ts";

/** One statement, which needs neither the index nor the log. */
export function* dropNotes(space: OpenSpace, ids: readonly string[]): Steps<number> {
  if (ids.length === 0) return 0;
  if (space.writer.readonly) throw readOnlyFolder();
  const drop = space.write("DELETE FROM notes WHERE id IN (SELECT value FROM json_each(?))");
  return yield* untilUnlocked(() => drop.run(JSON.stringify(ids)).changes);
}

/**
 * Whether a space's file holds notes, without opening it as a space: one of an older format has none, and of one that is
 * damaged nobody can tell. Throws SQLite's busy error, to be retried.
 */
export const holdsNotes = (file: string): boolean => {
  if (!existsSync(file)) return false;
  try {
    const database = openDatabase(file);
    try {
      const made = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'notes'").get() !== undefined;
      return made && database.prepare("SELECT 1 FROM notes LIMIT 1").get() !== undefined;
    } finally {
      database.close();
    }
  } catch (error) {
    if (isBusy(error)) throw error;
    const coded = isCairnError(error) ? error : storageError(error);
    if (coded.code === "storage.corrupt") return false;
    throw coded;
  }
};
