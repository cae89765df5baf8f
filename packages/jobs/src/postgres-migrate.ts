/**
 * Makes and updates the queue's tables in PostgreSQL: graphile-worker's own migrations and two tables of ours, in the
 * schema of jobs, owned by the role of jobs. Servers that start at once wait for each other at an advisory lock.
 *
 * graphile-worker's SQL is read from its package and not run by its code, which would run a configuration file that it
 * finds in the folder where the server was started or above, and needs the right to make schemas.
 */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { CairnError } from "@cairn/kernel/error";
import { postgresError, sqlStateOf } from "@cairn/store-postgres/connection/postgres-error";
import { jobsRole, jobsSchema } from "@cairn/store-postgres/connection/roles";
import pg from "pg";

/** A number that nothing else locks: "cairnj" in ASCII. */
const migrationLock = 0x63_61_69_72_6e_6a;

const ours = `
create table if not exists ${jobsSchema}.cairn_workers (id text primary key, seen_at timestamptz not null);
create table if not exists ${jobsSchema}.cairn_schedules (name text primary key, next_at timestamptz not null);
`;

/** graphile-worker's account of the migrations that were made. */
const ledger = `
create table if not exists ${jobsSchema}.migrations (
  id int primary key, ts timestamptz default now() not null, breaking boolean not null default false
)`;

interface WorkerMigration {
  readonly id: number;
  /** Older versions of graphile-worker cannot use the tables afterwards. */
  readonly breaking: boolean;
  readonly sql: string;
}

/** In its package; and beside the file where the code was bundled into one (`tools/release/pack.ts`). */
const sqlFolder = (): URL => {
  const bundled = new URL("./data/graphile-worker/", import.meta.url);
  return existsSync(bundled) ? bundled : new URL("../sql/", import.meta.resolve("graphile-worker"));
};

const workerMigrations = async (): Promise<readonly WorkerMigration[]> => {
  const folder = sqlFolder();
  const files = (await readdir(folder)).filter((file) => /^\d{6}\.sql$/u.test(file)).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, folder), "utf8");
      const named = sql.replaceAll(/:GRAPHILE_WORKER_SCHEMA\b/gu, jobsSchema);
      return { id: Number.parseInt(file, 10), breaking: sql.startsWith("--! breaking"), sql: named };
    }),
  );
};

interface Facts {
  readonly account: string;
  readonly has_role: boolean;
  readonly may_act: boolean;
  readonly owner: string | null;
  readonly grants_have_options: boolean;
}

const factsOf = async (client: pg.Client): Promise<Facts> => {
  const { rows } = await client.query<Facts>(
    `select current_user as account, r.oid is not null as has_role,
      coalesce(pg_has_role(current_user, r.oid,
        case when current_setting('server_version_num')::int < 160000 then 'MEMBER' else 'SET' end), false) as may_act,
      (select pg_get_userbyid(nspowner) from pg_namespace where nspname = $2) as owner,
      current_setting('server_version_num')::int >= 160000 as grants_have_options
    from (values (0)) as one left join pg_roles r on r.rolname = $1`,
    [jobsRole, jobsSchema],
  );
  return rows[0]!;
};

const missingOf = ({ account, has_role, may_act, owner, grants_have_options }: Facts): readonly string[] => [
  ...(has_role ? [] : [`create role ${jobsRole} nologin`]),
  ...(may_act
    ? []
    : [
        `grant ${jobsRole} to ${pg.escapeIdentifier(account)}${grants_have_options ? " with inherit false, set true" : ""}`,
      ]),
  ...(owner === null ? [`create schema ${jobsSchema} authorization ${jobsRole}`] : []),
];

/** Made in the same moment by another server, for another database of the cluster. */
const madeMeanwhile = new Set(["42710", "42P06", "23505"]);

const prepare = async (client: pg.Client): Promise<void> => {
  const facts = await factsOf(client);
  if (facts.owner !== null && facts.owner !== jobsRole) {
    const hint = `If it is Cairn's, run: alter schema ${jobsSchema} owner to ${jobsRole};`;
    throw new CairnError("config.invalid", `The schema ${jobsSchema} belongs to ${facts.owner}.`, { hint });
  }
  const missing = missingOf(facts);
  for (const [at, sql] of missing.entries()) {
    try {
      await client.query(sql);
    } catch (error) {
      const state = sqlStateOf(error);
      if (madeMeanwhile.has(state)) continue;
      if (state !== "42501" && state !== "0LP01") throw error;
      const hint = `An administrator must run, in this database: ${missing.slice(at).join("; ")};`;
      const message = "The account of the database may not make what the queue of jobs needs.";
      throw new CairnError("config.invalid", message, { hint }, { cause: error });
    }
  }
};

const makeTables = async (client: pg.Client): Promise<void> => {
  await client.query(`set role ${jobsRole}`);
  await client.query(ledger);
  const migrations = await workerMigrations();
  const newest = migrations.at(-1)?.id ?? 0;
  const { rows } = await client.query<{ id: number; breaking: boolean }>(
    `select id, breaking from ${jobsSchema}.migrations`,
  );
  if (rows.some(({ id, breaking }) => id > newest && breaking)) {
    throw new CairnError("storage.newer", "The queue of jobs was made by a newer version of Cairn. Update Cairn.");
  }
  const made = new Set(rows.map(({ id }) => id));
  for (const { id, breaking, sql } of migrations) {
    if (made.has(id)) continue;
    await client.query("begin");
    await client.query(`insert into ${jobsSchema}.migrations (id, breaking) values ($1, $2)`, [id, breaking]);
    await client.query(sql);
    await client.query("select pg_notify('worker:migrate', $1)", [JSON.stringify({ migrationNumber: id, breaking })]);
    await client.query("commit");
  }
  await client.query(ours);
};

/**
 * Makes role, schema and tables where they are missing. Safe to call from several servers at once, and again after it
 * was broken off. `url` signs in as an account that may act as the role of jobs, or may make it. Throws config.invalid
 * with what an administrator must do, storage.newer and
 * other storage.*.
 */
export const migratePostgresJobs = async (url: string): Promise<void> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: "cairn migrate jobs",
    connectionTimeoutMillis: 10_000,
  });
  // What breaks is told by the statement that was under way.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select pg_advisory_lock($1::bigint)", [migrationLock]);
    await prepare(client);
    await makeTables(client);
  } catch (error) {
    throw postgresError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
};
