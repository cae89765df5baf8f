/** Whether a database is one that Cairn works on: its versions, its roles and tables, its connections. */
import { toCairnError } from "@cairn/kernel/error";
import type { DatabaseSettings } from "@cairn/server/settings";
import { placeOf } from "@cairn/server/storage/database-place";
import { ownerRole } from "@cairn/store-postgres/connection/roles";
import { applicationRoles, type DatabaseFacts, databaseFacts, type SchemaFacts } from "./database-facts.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

/** Beside those for memories: directory 4 and 2 that listen, jobs 4 and 1 that listens, leases 1. */
const otherConnections = 12;

const checkAccount = ({ server, roles }: DatabaseFacts): Finding => {
  const { account, superuser, bypasses } = server;
  const missing = applicationRoles.filter((name) => !roles.some(({ role, ours }) => role === name && ours));
  if (missing.length > 0 && roles.length > 0) {
    const names = missing.join(", ");
    return problem(
      "database account",
      `${account} may not act as ${names}.`,
      `As an administrator of the database: GRANT ${names} TO "${account.replaceAll('"', '""')}"`,
    );
  }
  const strong = roles.filter(({ role, bypasses: passes }) => passes && applicationRoles.includes(role));
  if (strong.length > 0) {
    const names = strong.map(({ role }) => role).join(", ");
    return problem(
      "database account",
      `${names} must not bypass row-level security, which keeps spaces apart.`,
      `As an administrator of the database: ALTER ROLE ${strong[0]?.role} NOSUPERUSER NOBYPASSRLS`,
    );
  }
  const owns = roles.some(({ role, ours }) => role === ownerRole && ours);
  if (!superuser && !bypasses && !owns) return ok("database account", `${account}, which row-level security binds`);
  const why = superuser
    ? "is a superuser"
    : bypasses
      ? "has BYPASSRLS"
      : `may act as ${ownerRole}, which owns the tables`;
  return note(
    "database account",
    `${account} ${why}: row-level security, which keeps spaces apart, binds Cairn's statements, but not this account.`,
    `For servers, sign in as an account that is a member of ${applicationRoles.join(", ")} and of nothing else; give the other one to migrations as CAIRN_MIGRATION_DATABASE_URL`,
  );
};

const checkSchemas = (schemas: readonly SchemaFacts[]): readonly Finding[] =>
  schemas.flatMap(({ schema, state, taken, known }) => {
    if (state === "newer") {
      return [problem("migrations", `The tables of ${schema} were made by a newer Cairn.`, "Update Cairn")];
    }
    if (state === "behind") {
      return [
        note(
          "migrations",
          `${known - taken} of ${known} steps of ${schema} are to come; servers take them when they start.`,
        ),
      ];
    }
    if (state === "none")
      return [note("migrations", `${schema} is not there yet; the first server or command makes it.`)];
    return [];
  });

const checkConnections = ({ allowed, reserved, used }: DatabaseFacts["server"], connections: number): Finding => {
  const needed = connections + otherConnections;
  const free = allowed - reserved - used;
  const said = `${free} of ${allowed} connections are free; a server takes up to ${needed}`;
  const fix = "Lower CAIRN_DATABASE_CONNECTIONS, or raise max_connections of the database";
  if (needed > allowed - reserved) return problem("database connections", `${said}, which are never free.`, fix);
  if (needed > free) return note("database connections", `${said}. Servers that run have some of them.`, fix);
  return ok("database connections", said);
};

export interface DatabaseCheck {
  readonly findings: readonly Finding[];
  /** Whether there are tables to look into, of this version. */
  readonly ready: boolean;
}

/** Changes nothing in the database. */
export const checkDatabase = async ({ url, connections }: DatabaseSettings): Promise<DatabaseCheck> => {
  const place = placeOf(url);
  let facts: DatabaseFacts;
  try {
    facts = await databaseFacts(url);
  } catch (error) {
    const { code, message, data } = toCairnError(error);
    const fix = data.hint ?? "Start the database, or correct CAIRN_DATABASE_URL";
    return { findings: [problem("database", `${place}: ${message} [${code}]`, fix)], ready: false };
  }
  const { server, schemas, listens } = facts;
  const versions = `PostgreSQL ${server.postgres}, pgvector ${server.vector ?? "not in this database yet"}`;
  const account = checkAccount(facts);
  const tables = checkSchemas(schemas);
  const ready = account.level !== "problem" && schemas.every(({ state }) => state === "current");
  return {
    findings: [
      ok("database", `${place}: ${versions}`),
      account,
      ...(tables.length > 0 || !ready ? tables : [ok("migrations", "All tables are of this version")]),
      listens
        ? ok("database notifications", "Servers hear of each other's changes")
        : problem(
            "database notifications",
            "LISTEN and NOTIFY do not work over this address: servers ask the database each time, and jobs start late.",
            "Go straight to the database, or through a pooler in session mode",
          ),
      checkConnections(server, connections),
    ],
    ready,
  };
};
