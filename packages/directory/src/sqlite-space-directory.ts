/**
 * The directory of spaces in one SQLite file, `directory.db`, shared by every process on the data folder. Opening
 * costs nothing: the driver and Kysely are loaded, and the file is opened, when the first question is asked.
 *
 * Every call asks which space it may use, so answers are kept until the file changes; SQLite's `data_version` tells
 * that in two microseconds, whichever process wrote.
 */
import { wallClock, type Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { SpaceDirectory, SpaceRecord } from "./space-directory.ts";
import { referenceOf } from "./space-name.ts";
import { spacesOver } from "./spaces-over.ts";
import type { DirectoryTables } from "./tables.ts";
import { whileBusy } from "./while-busy.ts";

export interface SpaceDirectoryOptions {
  /** Path of the file; its folder is made when it is missing. */
  readonly file: string;
  readonly clock?: Clock;
  /** How long to try while another process writes, milliseconds. */
  readonly busyMs?: number;
}

const connect = async (file: string) => {
  const [kysely, { openSqliteFile }, queries] = await Promise.all([
    import("kysely"),
    import("./sqlite-file.ts"),
    import("./space-queries.ts"),
  ]);
  const { database, writable } = openSqliteFile(file);
  const tables = new kysely.Kysely<DirectoryTables>({
    dialect: new kysely.SqliteDialect({ database }),
  });
  return { database, writable, tables, queries };
};
type Connection = Awaited<ReturnType<typeof connect>>;

const mostRemembered = 1_000;

/** All calls may throw storage.read_only, storage.full, storage.busy, storage.corrupt, storage.newer. */
export const openSpaceDirectory = ({
  file,
  clock = wallClock,
  busyMs = 5_000,
}: SpaceDirectoryOptions): SpaceDirectory => {
  let connecting: Promise<Connection> | null = null;
  let closed = false;
  const remembered = new Map<string, SpaceRecord>();
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

  const attempt = <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> =>
    whileBusy(busyMs, async () => work(await connection()));

  /** The folder may have become writable since the file was opened for reading only. */
  const reopenToWrite = async (): Promise<void> => {
    const reading = connecting;
    const open = await reading?.catch(() => null);
    if (open?.writable !== false || connecting !== reading) return;
    connecting = null;
    open.database.close();
  };

  const write = async <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> => {
    try {
      await reopenToWrite();
      return await attempt(work);
    } finally {
      // `data_version` tells of other connections' writes only.
      remembered.clear();
    }
  };

  return {
    ...spacesOver({ read: attempt, write: (_id, work) => write(work), clock }),
    resolve: async (nameOrId) => {
      const reference = referenceOf(nameOrId);
      if (reference === null) return null;
      return attempt(async ({ database, tables, queries }) => {
        const version = database.pragma("data_version", { simple: true });
        if (version !== rememberedVersion || remembered.size >= mostRemembered) remembered.clear();
        rememberedVersion = version;
        const known = remembered.get(nameOrId);
        if (known !== undefined) return known;
        const found = await queries.findSpace(tables, reference);
        if (found !== null) remembered.set(nameOrId, found);
        return found;
      });
    },
    close: async () => {
      closed = true;
      const open = await connecting?.catch(() => null);
      await open?.tables.destroy();
      open?.database.close();
    },
  };
};
