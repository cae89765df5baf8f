/**
 * Kept answers in the directory's SQLite file, on a connection of their own that is opened at the first question. Its
 * commits are safe when the process is killed; they are not synced one by one, so a machine that loses its power may
 * forget the last answers, and nothing else.
 */
import { CairnError } from "@cairn/kernel/error";
import { answersOver } from "./kept-answers-over.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import { sqliteWords } from "./schema-steps.ts";
import type { DirectoryTables } from "./tables.ts";
import { whileBusy } from "./while-busy.ts";

export interface SqliteKeptAnswersOptions {
  /** Path of the directory's file; its folder is made when it is missing. */
  readonly file: string;
  readonly clock?: () => number;
  readonly perPrincipal?: number;
  /** How long to try while another process writes, milliseconds. */
  readonly busyMs?: number;
}

const connect = async (file: string) => {
  const [kysely, { openSqliteFile }, queries] = await Promise.all([
    import("kysely"),
    import("./sqlite-file.ts"),
    import("./kept-answer-queries.ts"),
  ]);
  const { database } = openSqliteFile(file);
  database.pragma("synchronous = normal");
  // What is erased is gone from the file.
  database.pragma("secure_delete = on");
  const tables = new kysely.Kysely<DirectoryTables>({ dialect: new kysely.SqliteDialect({ database }) });
  return { database, tables, queries };
};
type Connection = Awaited<ReturnType<typeof connect>>;

/** All calls may throw storage.read_only, storage.full, storage.busy, storage.corrupt, storage.newer. */
export const openSqliteKeptAnswers = ({
  file,
  busyMs = 5_000,
  clock,
  perPrincipal,
}: SqliteKeptAnswersOptions): KeptAnswers => {
  let connecting: Promise<Connection> | null = null;
  let closed = false;
  const connection = async (): Promise<Connection> => {
    if (closed) throw new CairnError("storage.unavailable", "The directory is closed.");
    connecting ??= connect(file);
    try {
      return await connecting;
    } catch (error) {
      connecting = null;
      throw error;
    }
  };
  const run = <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> =>
    whileBusy(busyMs, async () => work(await connection()));
  return {
    ...answersOver({ run, now: sqliteWords.now, clock, perPrincipal }),
    forgetSpace: async (space) => {
      const erased = await run(({ tables, queries }) => queries.forgetAnswersOf(tables, space));
      if (erased === 0) return;
      // Out of the write-ahead log too. Where a reader is in the way, the log is overwritten later.
      await run(async ({ database }) => void database.pragma("wal_checkpoint(TRUNCATE)"));
    },
    close: async () => {
      closed = true;
      const open = await connecting?.catch(() => null);
      await open?.tables.destroy();
      open?.database.close();
    },
  };
};
