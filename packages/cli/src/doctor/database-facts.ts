/** What there is to know of a database before anything of Cairn is opened on it, asked over one or two connections. */
import { directoryMigrations } from "@cairn/directory/postgres-migrations";
import { isCairnError } from "@cairn/kernel/error";
import { type Connection, openPool, type PostgresPool } from "@cairn/store-postgres/connection/pool";
import {
  appRole,
  directoryRole,
  directorySchema,
  jobsRole,
  jobsSchema,
  memorySchema,
  ownerRole,
} from "@cairn/store-postgres/connection/roles";
import { allMigrations } from "@cairn/store-postgres/migrations/all-migrations";
import { canActAs } from "@cairn/store-postgres/migrations/prepare-database";

export interface ServerFacts {
  readonly account: string;
  readonly postgres: string;
  readonly vector: string | null;
  readonly superuser: boolean;
  readonly bypasses: boolean;
  readonly allowed: number;
  readonly reserved: number;
  readonly used: number;
}

export interface RoleFacts {
  readonly role: string;
  readonly bypasses: boolean;
  /** Whether the account may act as it. */
  readonly ours: boolean;
}

/** none: no tables; behind, current; newer: steps that this version does not know; hidden: not for this account. */
export interface SchemaFacts {
  readonly schema: string;
  readonly state: "none" | "behind" | "current" | "newer" | "hidden";
  readonly taken: number;
  readonly known: number;
}

export interface DatabaseFacts {
  readonly server: ServerFacts;
  readonly roles: readonly RoleFacts[];
  readonly schemas: readonly SchemaFacts[];
  /** Whether word sent on one connection comes to another. */
  readonly listens: boolean;
}

export const applicationRoles: readonly string[] = [appRole, directoryRole, jobsRole];

const serverOf = async ({ query }: Connection): Promise<ServerFacts> => {
  // pg_stat_database tells every account how many are connected, pg_stat_activity does not.
  const [facts] = await query<ServerFacts>(
    `SELECT session_user::text AS account, current_setting('server_version') AS postgres,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector,
       r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
       current_setting('max_connections')::int AS allowed,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
       (SELECT sum(numbackends) FROM pg_stat_database)::int AS used
     FROM pg_roles r WHERE r.rolname = session_user`,
  );
  return facts!;
};

const rolesOf = ({ query }: Connection): Promise<readonly RoleFacts[]> =>
  query<RoleFacts>(
    `SELECT rolname::text AS role, rolsuper OR rolbypassrls AS bypasses, pg_has_role(current_user, oid, ${canActAs}) AS ours
     FROM pg_roles WHERE rolname = ANY ($1)`,
    [[...applicationRoles, ownerRole]],
  );

/** Steps by name; of the queue only whether it is there, because its tool counts its own. */
const ledgers = [
  { schema: memorySchema, role: appRole, steps: allMigrations.map(({ name }) => name) },
  { schema: directorySchema, role: directoryRole, steps: directoryMigrations.map(({ name }) => name) },
  { schema: jobsSchema, role: jobsRole, steps: null },
] as const;

const schemaOf = async (
  { query, client }: Connection,
  { schema, role, steps }: (typeof ledgers)[number],
  isOurs: boolean,
): Promise<SchemaFacts> => {
  const known = steps?.length ?? 0;
  const there = await query(
    "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'migrations'",
    [schema],
  );
  if (there.length === 0) return { schema, state: "none", taken: 0, known };
  if (steps === null) return { schema, state: isOurs ? "current" : "hidden", taken: 0, known };
  if (!isOurs) return { schema, state: "hidden", taken: 0, known };
  try {
    // The names are ours and need no quotes.
    await client.query(`SET ROLE ${role}`);
    const taken = await query<{ name: string }>(`SELECT name FROM ${schema}.migrations ORDER BY id`);
    const strange = taken.some(({ name }, at) => steps[at] !== name);
    const state = strange ? "newer" : taken.length < known ? "behind" : "current";
    return { schema, state, taken: taken.length, known };
  } finally {
    await client.query("RESET ROLE");
  }
};

const listeningMs = 3_000;

const hears = (pool: PostgresPool): Promise<boolean> =>
  pool.use(async ({ client }) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const channel = `cairn_doctor_${process.pid}`;
    client.on("notification", () => resolve(true));
    await client.query(`LISTEN ${channel}`);
    const late = setTimeout(() => resolve(false), listeningMs);
    try {
      await pool.use(({ query }) => query("SELECT pg_notify($1, '')", [channel]));
      return await promise;
    } finally {
      clearTimeout(late);
      client.removeAllListeners("notification");
      await client.query(`UNLISTEN ${channel}`);
    }
  });

/** Changes nothing. Throws storage.unavailable and config.invalid where the database cannot be asked. */
export const databaseFacts = async (url: string): Promise<DatabaseFacts> => {
  const pool = openPool({
    url,
    role: null,
    name: "cairn doctor",
    most: 2,
    waitMs: 5_000,
    statementMs: 10_000,
    oneByOne: true,
  });
  try {
    const asked = await pool.use(async (connection) => {
      const server = await serverOf(connection);
      const roles = await rolesOf(connection);
      const schemas: SchemaFacts[] = [];
      for (const ledger of ledgers) {
        const isOurs = roles.some(({ role, ours }) => role === ledger.role && ours);
        schemas.push(await schemaOf(connection, ledger, isOurs));
      }
      return { server, roles, schemas };
    });
    const listens = await hears(pool).catch((error: unknown) => {
      if (isCairnError(error)) return false;
      throw error;
    });
    return { ...asked, listens };
  } finally {
    await pool.close();
  }
};
