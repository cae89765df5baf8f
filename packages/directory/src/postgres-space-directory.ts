/** The directory of spaces and kept answers in PostgreSQL, over the same connections. */
import { type Clock, wallClock } from "@cairn/kernel/clock";
import {
  openPostgresDatabase,
  type PostgresDatabase,
  type PostgresDatabaseOptions,
} from "./database/postgres-database.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import { postgresKeptAnswers } from "./postgres-kept-answers.ts";
import type { SpaceDirectory } from "./space-directory.ts";
import { spacesOver } from "./spaces-over.ts";

export interface PostgresSpaceDirectoryOptions extends PostgresDatabaseOptions {
  readonly clock?: Clock;
  /** For tests: the clock of kept answers instead of the database's, and how many one principal may have. */
  readonly answers?: { readonly clock?: Clock; readonly perPrincipal?: number };
}

export interface PostgresSpaceDirectory
  extends SpaceDirectory, Pick<PostgresDatabase, "hearing" | "caughtUp" | "figures"> {
  /** Over the same connections; they are closed with the directory. */
  readonly answers: KeptAnswers;
}

/** All calls may throw storage.unavailable, storage.busy, storage.read_only, storage.full, config.invalid. */
export const openPostgresSpaceDirectory = ({
  clock = wallClock,
  answers = {},
  ...options
}: PostgresSpaceDirectoryOptions): PostgresSpaceDirectory => {
  const database = openPostgresDatabase(options);
  const { hearing, caughtUp, figures, close } = database;
  return {
    ...spacesOver(database, clock),
    answers: postgresKeptAnswers(database, answers),
    hearing,
    caughtUp,
    figures,
    close,
  };
};
