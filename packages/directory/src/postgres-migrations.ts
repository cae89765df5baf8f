/**
 * Makes the directory's tables in PostgreSQL (`schema-steps.ts`), in a schema that only the directory's role can see,
 * and gives that role its rights on each table that a step makes.
 */
import { directoryRole, directorySchema, ownerRole } from "@cairn/store-postgres/connection/roles";
import { type Migration, runMigrations } from "@cairn/store-postgres/migrations/run-migrations";
import { postgresWords, schemaSteps } from "./schema-steps.ts";
import type { SchemaStep } from "./steps/schema-step.ts";

const tablesOf = (sql: string): readonly string[] =>
  Array.from(sql.matchAll(/^\s*create table (\w+)/gmu), ([, name]) => name!);

const grantsOn = (sql: string): string =>
  tablesOf(sql)
    .map((table) => `grant select, insert, update, delete on ${table} to ${directoryRole};\n`)
    .join("");

/** What is for PostgreSQL only comes after the grants, so that it can take back what the application must not do. */
const postgresStep = ({ name, statements, postgresOnly = "" }: SchemaStep): Migration => {
  const shared = `${statements(postgresWords).join(";\n")};\n`;
  return { name, sql: `${shared}${grantsOn(shared)}${postgresOnly}\n${grantsOn(postgresOnly)}` };
};

export const directoryMigrations: readonly Migration[] = schemaSteps.map(postgresStep);

export interface MigrateDirectoryOptions {
  /** `postgres://…` of an account that may act as the owner of the tables, or make roles and the schema. */
  readonly url: string;
  /** For tests: the steps up to an earlier version. */
  readonly steps?: readonly Migration[];
}

/**
 * Makes roles, schema and tables where they are missing, and takes the steps that have not been taken; what they are
 * called is returned. Safe to call from several servers at once.
 *
 * Throws `config.invalid` with what an administrator must do, `storage.newer`, `storage.busy`, `storage.unavailable`.
 */
export const migrateDirectory = ({
  url,
  steps = directoryMigrations,
}: MigrateDirectoryOptions): Promise<readonly string[]> =>
  runMigrations({ url, schema: directorySchema, ownerRole, appRole: directoryRole, needsVector: false, steps });
