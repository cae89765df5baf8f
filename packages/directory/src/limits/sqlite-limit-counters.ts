/**
 * Limit counters in a SQLite file of their own, `limits.db`, shared by every process on the data folder: each change of
 * `directory.db` would make all of them forget what they remember of it. Commits are safe when a process is killed and
 * are not synced one by one: a machine that loses its power may forget the last ones, and the file stays sound.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import { sqliteWords } from "../schema-steps.ts";
import { limitTables } from "../steps/limits.ts";
import type { LimitsTables } from "../tables/limits.ts";
import { whileBusy } from "../while-busy.ts";
import { countersOver } from "./counters-over.ts";
import type { LimitCounters } from "./limit-counters.ts";

export interface SqliteLimitCountersOptions {
  /** Path of the file; its folder is made when it is missing. */
  readonly file: string;
  readonly clock?: () => number;
  /** How long to try while another process writes, milliseconds. */
  readonly busyMs?: number;
}

/** Counted in `user_version`. */
const version = 1;

const connect = async (file: string, clock: (() => number) | undefined) => {
  const [{ Kysely, SqliteDialect, sql }, { default: Database }, queries] = await Promise.all([
    import("kysely"),
    import("better-sqlite3-multiple-ciphers"),
    import("./counter-queries.ts"),
  ]);
  mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file, { timeout: 10_000 });
  try {
    database.pragma("journal_mode = wal");
    database.pragma("synchronous = normal");
    const found = (): number => Number(database.pragma("user_version", { simple: true }));
    if (found() > version)
      throw new CairnError(
        "storage.newer",
        "The file of limits was written by a newer version of Cairn. Update Cairn.",
      );
    database
      .transaction(() => {
        if (found() === version) return;
        for (const statement of limitTables(sqliteWords)) database.exec(statement);
        database.pragma(`user_version = ${version}`);
      })
      .immediate();
    // SQLite waits in this thread, so it waits shortly and is asked again.
    database.pragma("busy_timeout = 20");
  } catch (error) {
    database.close();
    throw error;
  }
  // Each call asks the same few statements; reading one anew takes longer than running it.
  const prepared = new Map<string, ReturnType<typeof database.prepare>>();
  const prepare = (statement: string): ReturnType<typeof database.prepare> => {
    const known = prepared.get(statement) ?? database.prepare(statement);
    prepared.set(statement, known);
    return known;
  };
  const tables = new Kysely<LimitsTables>({
    dialect: new SqliteDialect({ database: { prepare, close: () => undefined } }),
  });
  return { database, work: { access: { tables, sql, words: sqliteWords, clock }, queries } };
};

/** Opens nothing before it is asked. All calls may throw storage.*. */
export const openSqliteLimitCounters = ({ file, clock, busyMs = 2_000 }: SqliteLimitCountersOptions): LimitCounters => {
  let connecting: ReturnType<typeof connect> | null = null;
  let closed = false;
  const connection = async () => {
    if (closed) throw new CairnError("storage.unavailable", "The counters of limits are closed.");
    connecting ??= connect(file, clock);
    try {
      return await connecting;
    } catch (error) {
      connecting = null;
      throw error;
    }
  };
  return {
    ...countersOver((work) => whileBusy(busyMs, async () => work((await connection()).work))),
    close: async () => {
      if (closed) return;
      closed = true;
      const open = await connecting?.catch(() => null);
      await open?.work.access.tables.destroy();
      open?.database.close();
    },
  };
};
