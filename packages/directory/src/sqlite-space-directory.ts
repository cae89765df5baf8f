/** The directory of spaces alone, in one SQLite file. */
import { type Clock, wallClock } from "@cairn/kernel/clock";
import { openSqliteDatabase, type SqliteDatabaseOptions } from "./database/sqlite-database.ts";
import type { SpaceDirectory } from "./space-directory.ts";
import { spacesOver } from "./spaces-over.ts";

export interface SpaceDirectoryOptions extends SqliteDatabaseOptions {
  readonly clock?: Clock;
}

/** All calls may throw storage.read_only, storage.full, storage.busy, storage.corrupt, storage.newer. */
export const openSpaceDirectory = ({ clock = wallClock, ...options }: SpaceDirectoryOptions): SpaceDirectory => {
  const database = openSqliteDatabase(options);
  return { ...spacesOver(database, clock), close: database.close };
};
