/**
 * What must be there before the first step: roles, the schema, pgvector. What this account may make it makes; for the
 * rest the error carries the statements that an administrator must run.
 *
 * How roles become members of each other: https://www.postgresql.org/docs/current/role-membership.html
 */
import { CairnError } from "@cairn/kernel/error";
import pg from "pg";
import { sqlStateOf } from "../connection/postgres-error.ts";
import type { MigrationSession } from "./migration-session.ts";

export interface Ground {
  readonly schema: string;
  /** Owns the schema and all in it; steps run as it. */
  readonly ownerRole: string;
  /** The application's role, which may look into the schema. */
  readonly appRole: string;
  /** Whether the tables use pgvector. */
  readonly needsVector: boolean;
}

const oldestPostgres = 150_000;
const oldestVector = [0, 8, 0] as const;
const grantsHaveOptions = 160_000;

/** What `pg_has_role` is asked, in SQL: since PostgreSQL 16 a member need not be one that may act as the role. */
export const canActAs = `CASE WHEN current_setting('server_version_num')::int < ${grantsHaveOptions} THEN 'MEMBER' ELSE 'SET' END`;

interface Facts {
  readonly account: string;
  readonly database: string;
  readonly version: number;
  readonly is_superuser: boolean;
  readonly schema_owner: string | null;
  readonly vector: string | null;
  readonly vector_schema: string | null;
  readonly vector_available: boolean;
}

interface RoleFacts {
  readonly role: string;
  readonly bypasses: boolean;
  /** Whether this account can act as the role. */
  readonly is_ours: boolean;
}

const id = (name: string): string => pg.escapeIdentifier(name);
const refused = (message: string, hint: string): CairnError => new CairnError("config.invalid", message, { hint });

const factsOf = async (session: MigrationSession, { schema }: Ground): Promise<Facts> => {
  const [facts] = await session.query<Facts>(
    `SELECT current_user AS account, current_database() AS database,
       current_setting('server_version_num')::int AS version,
       current_setting('is_superuser') = 'on' AS is_superuser,
       (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = $1) AS schema_owner,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector,
       (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
         WHERE e.extname = 'vector') AS vector_schema,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') AS vector_available`,
    [schema],
  );
  return facts!;
};

const rolesOf = (session: MigrationSession, roles: readonly string[]): Promise<readonly RoleFacts[]> =>
  session.query<RoleFacts>(
    `SELECT rolname AS role, rolsuper OR rolbypassrls AS bypasses, pg_has_role(current_user, oid, ${canActAs}) AS is_ours
     FROM pg_roles WHERE rolname = ANY ($1)`,
    [roles],
  );

/** Throws where PostgreSQL or pgvector is too old, or lies where statements do not look for it. */
const checkVersions = (facts: Facts, needsVector: boolean): void => {
  const { version, vector, vector_available: available, vector_schema: vectorSchema } = facts;
  if (version < oldestPostgres) {
    throw refused(`Cairn needs PostgreSQL 15 or later; this is ${Math.floor(version / 10_000)}.`, "Update PostgreSQL.");
  }
  if (!needsVector) return;
  if (vector === null) {
    if (available) return;
    const hint = "Install pgvector 0.8.0 or later on the machine of the database (package postgresql-18-pgvector).";
    throw refused("The database server has no pgvector.", hint);
  }
  const parts = vector.split(".").map(Number);
  const unequal = oldestVector.findIndex((least, at) => (parts[at] ?? 0) !== least);
  if (unequal >= 0 && (parts[unequal] ?? 0) < oldestVector[unequal]!) {
    const hint =
      "Install pgvector 0.8.0 or later on the machine of the database, then run ALTER EXTENSION vector UPDATE.";
    throw refused(`Cairn needs pgvector 0.8.0 or later; this database has ${vector}.`, hint);
  }
  if (vectorSchema !== "public") {
    const hint = "Run: ALTER EXTENSION vector SET SCHEMA public;";
    throw refused(`pgvector must lie in the schema public; here it is in ${vectorSchema}.`, hint);
  }
};

/** The statements that are still needed, in order. A superuser can act as every role without being a member of it. */
const missingOf = (ground: Ground, facts: Facts, roles: readonly RoleFacts[]): readonly string[] => {
  const missing: string[] = [];
  const options = facts.version < grantsHaveOptions ? "" : " WITH INHERIT FALSE, SET TRUE";
  for (const role of [ground.ownerRole, ground.appRole]) {
    const known = roles.find((one) => one.role === role);
    if (known === undefined) missing.push(`CREATE ROLE ${id(role)} NOLOGIN`);
    // An account that only migrates need not act as the application, if an administrator made that role.
    if (!facts.is_superuser && (known === undefined || (!known.is_ours && role === ground.ownerRole))) {
      missing.push(`GRANT ${id(role)} TO ${id(facts.account)}${options}`);
    }
  }
  if (facts.schema_owner === null) {
    missing.push(`CREATE SCHEMA ${id(ground.schema)} AUTHORIZATION ${id(ground.ownerRole)}`);
  }
  if (ground.needsVector && facts.vector === null) missing.push("CREATE EXTENSION vector SCHEMA public");
  return missing;
};

/** Already there: made by another server, for another database of the cluster, in the same moment. */
const madeMeanwhile = new Set(["42710", "42P06", "23505"]);

const make = async (session: MigrationSession, sql: string): Promise<"made" | "not allowed"> => {
  try {
    await session.transaction(null, [], () => session.query(sql));
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === "42501" || state === "0LP01") return "not allowed";
    if (!madeMeanwhile.has(state)) throw error;
  }
  return "made";
};

/** In the schema nobody has rights that were not given to him by name. */
const closeSchema = (session: MigrationSession, { schema, ownerRole, appRole }: Ground): Promise<unknown> =>
  session.transaction(ownerRole, [schema], () =>
    session.query(`
      REVOKE ALL ON SCHEMA ${id(schema)} FROM PUBLIC;
      GRANT USAGE ON SCHEMA ${id(schema)} TO ${id(appRole)};
      ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
      ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
      CREATE TABLE IF NOT EXISTS migrations (
        id integer PRIMARY KEY,
        name text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      );
      GRANT SELECT ON migrations TO ${id(appRole)}`),
  );

/** Throws `config.invalid`, with what must be done in its hint, where the database is not what Cairn can use. */
export const prepareDatabase = async (session: MigrationSession, ground: Ground): Promise<void> => {
  const facts = await factsOf(session, ground);
  checkVersions(facts, ground.needsVector);
  const roles = await rolesOf(session, [ground.ownerRole, ground.appRole]);
  for (const { role, bypasses } of roles) {
    if (!bypasses) continue;
    const hint = `Run: ALTER ROLE ${id(role)} NOSUPERUSER NOBYPASSRLS;`;
    throw refused(`The role ${role} is not bound by row-level security, so spaces would not be kept apart.`, hint);
  }
  if (facts.schema_owner !== null && facts.schema_owner !== ground.ownerRole) {
    const hint = `If it is Cairn's, run: ALTER SCHEMA ${id(ground.schema)} OWNER TO ${id(ground.ownerRole)};`;
    throw refused(`The schema ${ground.schema} belongs to ${facts.schema_owner}.`, hint);
  }
  const missing = missingOf(ground, facts, roles);
  for (const [at, sql] of missing.entries()) {
    if ((await make(session, sql)) === "made") continue;
    const script = missing
      .slice(at)
      .map((one) => `${one};`)
      .join(" ");
    throw refused(
      `The account ${facts.account} may not make all that Cairn needs in the database ${facts.database}.`,
      `An administrator must run, in the database ${facts.database}: ${script}`,
    );
  }
  await closeSchema(session, ground);
};
