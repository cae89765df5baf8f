/** Brings the engine's tables in a database to the newest version; the steps are in `migrations/all-migrations.ts`. */
import { appRole, memorySchema, ownerRole } from "./connection/roles.ts";
import { allMigrations } from "./migrations/all-migrations.ts";
import { type Migration, runMigrations } from "./migrations/run-migrations.ts";

export interface MigrateOptions {
  /**
   * `postgres://…` of an account that may act as the owner of the tables, or make roles and the schema. One that may
   * only act as the application can check that nothing is to be done. Straight to the database: a pooler that shares
   * sessions among transactions would lose the lock.
   */
  readonly url: string;
  /** For tests: the steps up to an earlier version. */
  readonly steps?: readonly Migration[];
}

/**
 * Makes roles, schema and tables where they are missing, and takes the steps that have not been taken; what they are
 * called is returned. Safe to call from several servers at once, and again after it was broken off.
 *
 * Throws `config.invalid` with what an administrator must do, `storage.newer`, `storage.busy`, `storage.unavailable`.
 */
export const migrateMemory = ({ url, steps = allMigrations }: MigrateOptions): Promise<readonly string[]> =>
  runMigrations({ url, schema: memorySchema, ownerRole, appRole, needsVector: true, steps });
