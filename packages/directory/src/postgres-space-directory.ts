/**
 * The directory of spaces in PostgreSQL, in a schema of its own that the engine's role cannot see, shared by every
 * server on the database. Opening costs nothing: the driver and Kysely are loaded, and connections are made, when the
 * first question is asked. `migrateDirectory` makes the tables beforehand.
 *
 * Every call asks which space it may use, so answers are remembered (`space-cache.ts`) as long as this server hears
 * what other servers change (`change-listener.ts`); while it does not, every question goes to the database.
 */
import { type Clock, wallClock } from "@cairn/kernel/clock";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import { isConnectionLoss, postgresError, sqlStateOf } from "@cairn/store-postgres/connection/postgres-error";
import { directoryRole, directorySchema } from "@cairn/store-postgres/connection/roles";
import { type AnswersAccess, answersOver } from "./kept-answers-over.ts";
import type { KeptAnswers } from "./kept-answers.ts";
import { changesChannel, postgresWords } from "./schema-steps.ts";
import { makeSpaceCache } from "./space-cache.ts";
import type { SpaceDirectory } from "./space-directory.ts";
import { referenceOf } from "./space-name.ts";
import { type DirectoryAccess, spacesOver } from "./spaces-over.ts";
import type { DirectoryTables } from "./tables.ts";

export interface PostgresSpaceDirectoryOptions {
  /** `postgres://user:password@host:port/database`; the account is a member of the role `cairn_directory_app`. */
  readonly url: string;
  readonly clock?: Clock;
  /** Connections at most; two more listen for changes. */
  readonly most?: number;
  /** How many spaces are remembered. */
  readonly remembered?: number;
  /** How long a statement may take, milliseconds. */
  readonly statementMs?: number;
  /** How long a call waits for a free connection, milliseconds. */
  readonly waitMs?: number;
  /** How often it is tried whether word of changes still comes, and how long it may take, milliseconds. */
  readonly probeMs?: number;
  /** For tests: the clock of kept answers instead of the database's, and how many one principal may have. */
  readonly answers?: { readonly clock?: Clock; readonly perPrincipal?: number };
}

export interface PostgresSpaceDirectory extends SpaceDirectory {
  /** Over the same connections; they are closed with the directory. */
  readonly answers: KeptAnswers;
  /** Resolves when this server hears of changes and remembers answers. */
  readonly hearing: () => Promise<void>;
  /** Resolves when answers reflect all that any server committed before the call. */
  readonly caughtUp: () => Promise<void>;
  /** remembered: how many spaces are; asked: how many questions went to the database. */
  readonly figures: () => { readonly remembered: number; readonly hearing: boolean; readonly asked: number };
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

const rowOf = /^spaces (\S+)$/u;

/** All calls may throw storage.unavailable, storage.busy, storage.read_only, storage.full, config.invalid. */
export const openPostgresSpaceDirectory = ({
  url,
  clock = wallClock,
  most = 4,
  remembered = 10_000,
  statementMs = 5_000,
  waitMs = 5_000,
  probeMs = 5_000,
  answers: { clock: answersClock, perPrincipal } = {},
}: PostgresSpaceDirectoryOptions): PostgresSpaceDirectory => {
  const cache = makeSpaceCache(remembered);
  let connecting: Promise<Awaited<ReturnType<typeof connect>>> | null = null;
  let closed = false;
  let isHearing = false;
  let asked = 0;

  const hear = (payload: string): void => {
    const id = rowOf.exec(payload)?.[1];
    if (id !== undefined) cache.forget(id);
  };

  const connect = async () => {
    const [{ Kysely }, { openPool }, { poolDialect }, { openChangeListener }, queries, answerQueries] =
      await Promise.all([
        import("kysely"),
        import("@cairn/store-postgres/connection/pool"),
        import("./postgres-dialect.ts"),
        import("./change-listener.ts"),
        import("./space-queries.ts"),
        import("./kept-answer-queries.ts"),
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
      onChange: hear,
      onHearing: (hearing) => {
        isHearing = hearing;
        cache.trust(hearing);
      },
    });
    const tables = new Kysely<DirectoryTables>({ dialect: poolDialect(pool) }).withSchema(directorySchema);
    const close = async (): Promise<void> => {
      await listener.close();
      await Promise.all([hearingPool.close(), pool.close()]);
    };
    return { tables, queries, answerQueries, listener, close };
  };

  const connection = async () => {
    if (closed) throw new CairnError("storage.unavailable", "The directory is closed.");
    connecting ??= connect();
    return connecting;
  };

  const run = async <Result>(
    work: (access: Awaited<ReturnType<typeof connect>>) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await work(await connection());
    } catch (error) {
      throw directoryError(error);
    }
  };

  /** A connection may have broken while nobody used it; a question may be asked again. */
  const read = async <Result>(work: (access: DirectoryAccess) => Promise<Result>): Promise<Result> => {
    asked += 1;
    try {
      return await run(work);
    } catch (error) {
      if (closed || !isConnectionLoss(error)) throw error;
      return run(work);
    }
  };

  const write = async <Result>(id: string, work: (access: DirectoryAccess) => Promise<Result>): Promise<Result> => {
    try {
      return await run(work);
    } finally {
      // At once, before word of it comes back; after a failure too, because it may have been done.
      cache.forget(id);
    }
  };

  const runOnAnswers = <Result>(work: (access: AnswersAccess) => Promise<Result>): Promise<Result> =>
    run(({ tables, answerQueries }) => work({ tables, queries: answerQueries }));
  const answers: KeptAnswers = {
    ...answersOver({ run: runOnAnswers, now: postgresWords.now, clock: answersClock, perPrincipal }),
    forgetSpace: async (space) => {
      await runOnAnswers(({ tables, queries }) => queries.forgetAnswersOf(tables, space));
    },
    close: async () => undefined,
  };

  return {
    ...spacesOver({ read, write, clock }),
    answers,
    resolve: async (nameOrId) => {
      const reference = referenceOf(nameOrId);
      if (reference === null) return null;
      if (closed) throw new CairnError("storage.unavailable", "The directory is closed.");
      return cache.resolve(reference, () => read(({ tables, queries }) => queries.findSpace(tables, reference)));
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
