/**
 * The directory in PostgreSQL, in a schema of its own that the engine's role cannot see, shared by every server on the
 * database. Opening costs nothing: the driver and Kysely are loaded, and connections are made, when the first question
 * is asked. `migrateDirectory` makes the tables beforehand.
 *
 * Answers are remembered (`topic-cache.ts`) as long as this server hears what other servers change
 * (`change-listener.ts`); while it does not, every question goes to the database.
 */
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { isConnectionLoss, postgresError, sqlStateOf } from "@cairn/store-postgres/connection/postgres-error";
import { directoryRole, directorySchema } from "@cairn/store-postgres/connection/roles";
import { changesChannel, postgresWords } from "../schema-steps.ts";
import type { DirectoryTables } from "../tables.ts";
import type { Access, DirectoryDatabase, Work } from "./directory-database.ts";
import { makeTopicCache } from "./topic-cache.ts";
import { transact } from "./transaction.ts";

export interface PostgresDatabaseOptions {
  /** `postgres://user:password@host:port/database`; the account is a member of the role `cairn_directory_app`. */
  readonly url: string;
  /** Connections at most; two more listen for changes. */
  readonly most?: number;
  /** How many answers are remembered. */
  readonly remembered?: number;
  /** How long a statement may take, milliseconds. */
  readonly statementMs?: number;
  /** How long a call waits for a free connection, milliseconds. */
  readonly waitMs?: number;
  /** How often it is tried whether word of changes still comes, and how long it may take, milliseconds. */
  readonly probeMs?: number;
}

export interface PostgresDatabase extends DirectoryDatabase {
  /** Resolves when this server hears of changes and remembers answers. */
  readonly hearing: () => Promise<void>;
  /** Resolves when answers reflect all that any server committed before the call. */
  readonly caughtUp: () => Promise<void>;
  /** remembered: how many answers are; asked: how many questions went to the database. */
  readonly figures: () => { readonly remembered: number; readonly hearing: boolean; readonly asked: number };
  readonly close: () => Promise<void>;
}

/** No such role (at sign-in and later), schema or table, or no right to it. */
const notPrepared = new Set(["22023", "42704", "3F000", "42P01", "42501"]);

/** The driver's error as a coded one. */
const directoryError = (error: unknown): CairnError => {
  const state = sqlStateOf(isCairnError(error) ? error.cause : error);
  if (!notPrepared.has(state)) return postgresError(error);
  return new CairnError(
    "config.invalid",
    "The database has no directory of Cairn, or this account may not use it.",
    { hint: `Run Cairn's migrations as the owner, and make the account a member of ${directoryRole}.` },
    { cause: error },
  );
};

export const openPostgresDatabase = ({
  url,
  most = 4,
  remembered = 20_000,
  statementMs = 5_000,
  waitMs = 5_000,
  probeMs = 5_000,
}: PostgresDatabaseOptions): PostgresDatabase => {
  const cache = makeTopicCache(remembered);
  let connecting: Promise<Awaited<ReturnType<typeof connect>>> | null = null;
  let closed = false;
  let isHearing = false;
  let asked = 0;

  const connect = async () => {
    const [{ Kysely, sql }, { openPool }, { poolDialect }, { openChangeListener }] = await Promise.all([
      import("kysely"),
      import("@cairn/store-postgres/connection/pool"),
      import("../postgres-dialect.ts"),
      import("../change-listener.ts"),
    ]);
    const shared = { url, role: directoryRole, waitMs };
    const pool = openPool({ ...shared, name: "cairn directory", most, statementMs });
    const hearingPool = openPool({
      ...shared,
      name: "cairn directory changes",
      most: 2,
      statementMs: probeMs,
      oneByOne: true,
    });
    const listener = openChangeListener({
      pool: hearingPool,
      channel: changesChannel,
      everyMs: probeMs,
      withinMs: probeMs,
      // A payload is a topic: a table's name and what in it changed.
      onChange: cache.forget,
      onHearing: (hearing) => {
        isHearing = hearing;
        cache.trust(hearing);
      },
    });
    const tables = new Kysely<DirectoryTables>({ dialect: poolDialect(pool) }).withSchema(directorySchema);
    const access: Access = { tables, sql, words: postgresWords };
    const close = async (): Promise<void> => {
      await listener.close();
      await Promise.all([hearingPool.close(), pool.close()]);
    };
    return { access, listener, close };
  };

  const connection = async () => {
    if (closed) throw new CairnError("storage.unavailable", "The directory is closed.");
    connecting ??= connect();
    return connecting;
  };

  const run = async <Result>(work: Work<Result>): Promise<Result> => {
    try {
      return await work((await connection()).access);
    } catch (error) {
      throw directoryError(error);
    }
  };

  /** A connection may have broken while nobody used it; a question may be asked again. */
  const read = async <Result>(work: Work<Result>): Promise<Result> => {
    asked += 1;
    try {
      return await run(work);
    } catch (error) {
      if (closed || !isConnectionLoss(error)) throw error;
      return run(work);
    }
  };

  return {
    read,
    change: run,
    write: async (topics, work) => {
      try {
        return await run((access) => transact(access, "begin", work));
      } finally {
        // At once, before word of it comes back; after a failure too, because it may have been done.
        for (const topic of topics) cache.forget(topic);
      }
    },
    remember: async (key, ask) => {
      if (closed) throw new CairnError("storage.unavailable", "The directory is closed.");
      return cache.remember(key, () => read(ask));
    },
    hearing: async () => (await connection()).listener.hearing(),
    caughtUp: async () => (await connection()).listener.caughtUp(),
    figures: () => ({ remembered: cache.size(), hearing: isHearing, asked }),
    close: async () => {
      if (closed) return;
      closed = true;
      const open = await connecting?.catch(() => null);
      await open?.close();
    },
  };
};
