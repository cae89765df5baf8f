/**
 * Forward-only migrations of one schema. Servers that start at once migrate once: one holds the lock, the others wait
 * and find it done. A step is either one transaction, which is recorded with it, or a list of statements that the
 * application runs beside, each of which can be repeated: whoever finds such a step begun goes on with it.
 *
 * Rollback floor: a schema is readable by any version that knows its number; an older Cairn refuses a newer one instead
 * of guessing.
 */
import { CairnError, isCairnError } from "@cairn/kernel/error";
import pg from "pg";
import { isConnectionLoss, postgresError, sqlStateOf } from "../connection/postgres-error.ts";
import { type MigrationSession, withMigrationSession } from "./migration-session.ts";
import { canActAs, type Ground, prepareDatabase } from "./prepare-database.ts";

export interface OnlineStatement {
  /** Must do no harm when it runs again after it was broken off. */
  readonly sql: string;
  /** The index that it makes, with CREATE INDEX CONCURRENTLY: skipped when it is there, made anew when it is broken. */
  readonly index?: string;
}

export type Migration =
  | { readonly name: string; readonly sql: string }
  | { readonly name: string; readonly online: readonly OnlineStatement[] };

export interface MigrationPlan extends Ground {
  /** `postgres://…` of an account that may act as the owner, or make it. */
  readonly url: string;
  readonly steps: readonly Migration[];
}

/** How many steps were taken. Throws `storage.newer` for a schema that this version does not know. */
const takenOf = async (
  session: MigrationSession,
  { schema, appRole, ownerRole, steps }: MigrationPlan,
): Promise<number> => {
  // Whoever of these may look: an account that only serves is not the owner, one that only migrates not the application.
  const [reader] = await session.query<{ role: string }>(
    `SELECT r.rolname AS role
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r
     WHERE n.nspname = $1 AND c.relname = 'migrations' AND r.rolname IN (current_user, $2, $3)
       AND has_schema_privilege(r.oid, n.oid, 'USAGE') AND has_table_privilege(r.oid, c.oid, 'SELECT')
       AND pg_has_role(current_user, r.oid, ${canActAs})
     LIMIT 1`,
    [schema, appRole, ownerRole],
  );
  if (reader === undefined) return 0;
  const rows = await session.transaction(reader.role, [schema], () =>
    session.query<{ id: number; name: string }>("SELECT id, name FROM migrations ORDER BY id"),
  );
  const strange = rows.find(({ id, name }) => steps[id - 1]?.name !== name);
  if (strange !== undefined) {
    throw new CairnError(
      "storage.newer",
      `The database was written by a newer Cairn (step ${strange.id} of ${schema}; this one knows ${steps.length}). Update Cairn.`,
    );
  }
  return rows.length;
};

const recordStep = (session: MigrationSession, id: number, name: string): Promise<unknown> =>
  session.query("INSERT INTO migrations (id, name) VALUES ($1, $2)", [id, name]);

const runOnline = async (
  session: MigrationSession,
  { schema }: MigrationPlan,
  { sql, index }: OnlineStatement,
): Promise<void> => {
  if (index !== undefined) {
    const [found] = await session.query<{ sound: boolean }>(
      `SELECT i.indisvalid AS sound
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = $2`,
      [schema, index],
    );
    if (found?.sound === true) return;
    if (found !== undefined) {
      await session.query(`DROP INDEX CONCURRENTLY ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(index)}`);
    }
  }
  await session.query(sql);
};

/** Outside of transactions role and path last for the session, until they are set back. */
const takeOnline = async (
  session: MigrationSession,
  plan: MigrationPlan,
  path: readonly string[],
  statements: readonly OnlineStatement[],
): Promise<void> => {
  await session.query(`SET ROLE ${pg.escapeIdentifier(plan.ownerRole)}`);
  await session.query(`SET search_path = ${[...path, "pg_temp"].map((name) => pg.escapeIdentifier(name)).join(", ")}`);
  try {
    for (const statement of statements) await runOnline(session, plan, statement);
  } finally {
    await session.query("RESET ROLE; RESET search_path").catch(() => undefined);
  }
};

const takeStep = async (session: MigrationSession, plan: MigrationPlan, at: number): Promise<void> => {
  const step = plan.steps[at]!;
  // pgvector's types lie in public (prepare-database.ts).
  const path = [plan.schema, "public"];
  const { ownerRole } = plan;
  try {
    if ("online" in step) await takeOnline(session, plan, path, step.online);
    await session.transaction(ownerRole, path, async () => {
      if ("sql" in step) await session.query(step.sql);
      await recordStep(session, at + 1, step.name);
    });
  } catch (error) {
    if (isCairnError(error) || isConnectionLoss(error)) throw error;
    const coded = postgresError(error);
    if (coded.code !== "internal") throw coded;
    const message = `The database's migration ${at + 1} ("${step.name}" of ${plan.schema}) failed (SQLSTATE ${sqlStateOf(error)}).`;
    throw new CairnError("internal", message, {}, { cause: error });
  }
};

/**
 * Brings a schema to the newest version and says which steps it took.
 * Throws `config.invalid` with what an administrator must do, `storage.newer`, `storage.busy` when others hold locks for
 * too long, `storage.unavailable`.
 */
export const runMigrations = (plan: MigrationPlan): Promise<readonly string[]> =>
  withMigrationSession(plan.url, async (session) => {
    const isDone = async (): Promise<boolean> => (await takenOf(session, plan)) === plan.steps.length;
    if (await isDone()) return [];
    const taken = await session.alone(isDone, async () => {
      await prepareDatabase(session, plan);
      const first = await takenOf(session, plan);
      for (let at = first; at < plan.steps.length; at++) await takeStep(session, plan, at);
      return plan.steps.slice(first).map(({ name }) => name);
    });
    return taken ?? [];
  });
