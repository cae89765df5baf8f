/**
 * The directory in one SQLite file, `directory.db`, shared by every process on the data folder. Opening costs nothing:
 * the driver and Kysely are loaded, and the file is opened, when the first question is asked.
 *
 * Every call asks who calls and which space it may use, so answers are kept until the file changes; SQLite's
 * `data_version` tells that in two microseconds, whichever process wrote.
 */
import { CairnError } from "@cairn/kernel/error";
import { sqliteWords } from "../schema-steps.ts";
import type { DirectoryTables } from "../tables.ts";
import { whileBusy } from "../while-busy.ts";
import type { Access, DirectoryDatabase, Work } from "./directory-database.ts";
import { makeTopicCache } from "./topic-cache.ts";
import { transact } from "./transaction.ts";

export interface SqliteDatabaseOptions {
  /** Path of the file; its folder is made when it is missing. */
  readonly file: string;
  /** How long to try while another process writes, milliseconds. */
  readonly busyMs?: number;
}

export interface SqliteDatabase extends DirectoryDatabase {
  readonly close: () => Promise<void>;
}

const connect = async (file: string) => {
  const [{ Kysely, SqliteDialect, sql }, { openSqliteFile }] = await Promise.all([
    import("kysely"),
    import("../sqlite-file.ts"),
  ]);
  const { database, writable } = openSqliteFile(file);
  const tables = new Kysely<DirectoryTables>({ dialect: new SqliteDialect({ database }) });
  const access: Access = { tables, sql, words: sqliteWords };
  // Prepared once: it is asked several times in every call.
  const version = database.prepare("pragma data_version").pluck();
  return { database, writable, access, version };
};
type Connection = Awaited<ReturnType<typeof connect>>;

const mostRemembered = 10_000;

/** All calls may throw storage.read_only, storage.full, storage.busy, storage.corrupt, storage.newer. */
export const openSqliteDatabase = ({ file, busyMs = 5_000 }: SqliteDatabaseOptions): SqliteDatabase => {
  let connecting: Promise<Connection> | null = null;
  let closed = false;
  const cache = makeTopicCache(mostRemembered);
  cache.trust(true);
  let rememberedVersion: unknown = null;

  const connection = async (): Promise<Connection> => {
    if (closed) throw new CairnError("storage.unavailable", "The directory is closed.");
    connecting ??= connect(file);
    try {
      return await connecting;
    } catch (error) {
      // What kept it from opening may pass: the next call tries again.
      connecting = null;
      throw error;
    }
  };

  /** The folder may have become writable since the file was opened for reading only. */
  const reopenToWrite = async (): Promise<void> => {
    const reading = connecting;
    const open = await reading?.catch(() => null);
    if (open?.writable !== false || connecting !== reading) return;
    connecting = null;
    open.database.close();
  };

  const read = <Result>(work: Work<Result>): Promise<Result> =>
    whileBusy(busyMs, async () => work((await connection()).access));

  return {
    read,
    change: async (work) => {
      await reopenToWrite();
      return read(work);
    },
    write: async (topics, work) => {
      try {
        await reopenToWrite();
        return await whileBusy(busyMs, async () => transact((await connection()).access, "begin immediate", work));
      } finally {
        // `data_version` tells of other connections' writes only.
        for (const topic of topics) cache.forget(topic);
      }
    },
    remember: async (key, ask) => {
      const { version } = await whileBusy(busyMs, connection);
      const seen = version.get();
      if (seen !== rememberedVersion) cache.forgetAll();
      rememberedVersion = seen;
      return cache.remember(key, () => read(ask));
    },
    close: async () => {
      closed = true;
      const open = await connecting?.catch(() => null);
      await open?.access.tables.destroy();
      open?.database.close();
    },
  };
};
