/**
 * Limit counters in the directory's PostgreSQL, over a few connections of their own: what waits for a count must not
 * keep others from the directory, and who cannot count knows it soon. Opening costs nothing; connections are made when
 * the first call is counted. `migrateDirectory` makes the tables.
 */
import { CairnError } from "@cairn/kernel/error";
import { postgresError } from "@cairn/store-postgres/connection/postgres-error";
import { directoryRole, directorySchema } from "@cairn/store-postgres/connection/roles";
import { postgresWords } from "../schema-steps.ts";
import type { LimitsTables } from "../tables/limits.ts";
import { countersOver } from "./counters-over.ts";
import type { LimitCounters } from "./limit-counters.ts";

export interface PostgresLimitCountersOptions {
  /** Of the directory's database. */
  readonly url: string;
  /** Connections at most. */
  readonly most?: number;
  /** How long a statement may take, and how long a call waits for a connection, milliseconds. */
  readonly statementMs?: number;
  readonly waitMs?: number;
  /** For tests: a clock instead of the database's. */
  readonly clock?: () => number;
}

/** All calls may throw storage.unavailable, storage.busy, config.invalid where there is no directory. */
export const openPostgresLimitCounters = ({
  url,
  most = 4,
  statementMs = 2_000,
  waitMs = 1_000,
  clock,
}: PostgresLimitCountersOptions): LimitCounters => {
  const connect = async () => {
    const [{ Kysely, sql }, { openPool }, { poolDialect }, queries] = await Promise.all([
      import("kysely"),
      import("@cairn/store-postgres/connection/pool"),
      import("../postgres-dialect.ts"),
      import("./counter-queries.ts"),
    ]);
    const role = directoryRole;
    const pool = openPool({
      url,
      role,
      searchPath: [directorySchema],
      name: "cairn limits",
      most,
      statementMs,
      waitMs,
      lockMs: statementMs,
    });
    const tables = new Kysely<LimitsTables>({ dialect: poolDialect(pool) });
    return { pool, work: { access: { tables, sql, words: postgresWords, clock }, queries } };
  };
  let connecting: ReturnType<typeof connect> | null = null;
  let closed = false;
  return {
    ...countersOver(async (work) => {
      if (closed) throw new CairnError("storage.unavailable", "The counters of limits are closed.");
      try {
        return await work((await (connecting ??= connect())).work);
      } catch (error) {
        throw postgresError(error);
      }
    }),
    close: async () => {
      if (closed) return;
      closed = true;
      await (await connecting?.catch(() => null))?.pool.close();
    },
  };
};
