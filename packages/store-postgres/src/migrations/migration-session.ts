/**
 * One connection that migrates: it waits for locks only shortly and tries again, so that it never stands between the
 * application and its tables, and it holds the lock that lets one server migrate at a time.
 */
import { setTimeout as wait } from "node:timers/promises";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import pg from "pg";
import { postgresError, sqlStateOf } from "../connection/postgres-error.ts";

export interface MigrationSession {
  /** One statement, or several without values. The rows of the only one. */
  readonly query: <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  /** `work` in a transaction as `role`, with the names of `path` in reach; tried again while others hold locks. */
  readonly transaction: <T>(role: string | null, path: readonly string[], work: () => Promise<T>) => Promise<T>;
  /** `work` while no other server migrates this database. Null, without work, once `isDone` says so. */
  readonly alone: <T>(isDone: () => Promise<boolean>, work: () => Promise<T>) => Promise<T | null>;
}

/** "cairn" in ASCII. Of a database, not of a schema: all that Cairn keeps in it is migrated by one at a time. */
const lockKey = 0x63_61_69_72_6e;
const pollMillis = 200;
const longestWaitMillis = 15 * 60_000;
/** What stands in the way only for a moment: locks, deadlocks, and rows of roles that another session changes. */
const momentary = new Set(["55P03", "40P01", "40001"]);
const attempts = 60;
const firstPauseMillis = 50;
const longestPauseMillis = 2_000;

const isMomentary = (error: unknown): boolean =>
  momentary.has(sqlStateOf(error)) ||
  // Rights and roles of one cluster, changed from two of its databases at once.
  (sqlStateOf(error) === "XX000" && /tuple concurrently updated/u.test((error as Error).message));

const quoted = (names: readonly string[]): string => names.map((name) => pg.escapeIdentifier(name)).join(", ");

const settings = [
  "SET lock_timeout = 0",
  "SET statement_timeout = 0",
  "SET idle_in_transaction_session_timeout = '60s'",
  "SET client_min_messages = error",
].join("; ");

const sessionOn = (client: pg.Client): MigrationSession => {
  const query = async <Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]> =>
    (await client.query<Row>(sql, values === undefined ? undefined : [...values])).rows;

  const once = async <T>(role: string | null, path: readonly string[], work: () => Promise<T>): Promise<T> => {
    await query("BEGIN");
    try {
      await query("SET LOCAL lock_timeout = '1s'");
      if (role !== null) await query(`SET LOCAL ROLE ${quoted([role])}`);
      // Last in the path, nobody's temporary table stands for one of ours.
      if (path.length > 0) await query(`SET LOCAL search_path = ${quoted([...path, "pg_temp"])}`);
      const result = await work();
      await query("COMMIT");
      return result;
    } catch (error) {
      await query("ROLLBACK").catch(() => undefined);
      throw error;
    }
  };

  return {
    query,
    transaction: async (role, path, work) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(role, path, work);
        } catch (error) {
          if (attempt === attempts || !isMomentary(error)) throw error;
          const pause = Math.min(longestPauseMillis, firstPauseMillis * 2 ** attempt);
          await wait(pause * (0.5 + Math.random() / 2));
        }
      }
    },
    alone: async (isDone, work) => {
      const giveUpAt = Date.now() + longestWaitMillis;
      for (;;) {
        // Asked for again and again rather than waited for: who waits holds a snapshot, and building an index beside
        // the application waits for all of those.
        const [got] = await query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [lockKey]);
        if (got?.locked === true) break;
        if (await isDone()) return null;
        if (Date.now() > giveUpAt) {
          const hint = "Look in pg_stat_activity for a session named cairn-migrations that hangs.";
          throw new CairnError("storage.busy", "Another server is still migrating the database.", { hint });
        }
        await wait(pollMillis);
      }
      try {
        return await work();
      } finally {
        await query("SELECT pg_advisory_unlock($1)", [lockKey]).catch(() => undefined);
      }
    },
  };
};

/** Connects, runs `work` and disconnects. Errors come out coded. */
export const withMigrationSession = async <T>(
  url: string,
  work: (session: MigrationSession) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: "cairn-migrations",
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(settings);
    // Where the system knows it, the database notices within moments that a server died in the middle.
    await client.query("SET client_connection_check_interval = '500ms'").catch(() => undefined);
    return await work(sessionOn(client));
  } catch (error) {
    throw isCairnError(error) ? error : postgresError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
};
