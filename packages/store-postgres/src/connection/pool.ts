/**
 * Connections to PostgreSQL: a bounded pool whose clients send several statements without waiting for each answer
 * (pipeline mode), act as the application's role, and give up on what takes too long. Numbers of 64 bits arrive as
 * JavaScript numbers (ours stay below 2^53), bytes and text as they were stored.
 *
 * A transaction binds a space with `set_config('app.space', …, true)`, which ends with it; row-level security lets it
 * see that space alone, and nothing where none is bound.
 */
import { CairnError } from "@cairn/kernel/error";
import { isUuid } from "@cairn/kernel/id";
import type { Socket } from "node:net";
import pg from "pg";
import { isConnectionLoss, postgresError, refusedConnection, sqlStateOf } from "./postgres-error.ts";
import { fromPostgresText, toPostgresText } from "./text-values.ts";

export interface PoolOptions {
  /** `postgres://user:password@host:port/database`, with the driver's parameters. */
  readonly url: string;
  /** The role that statements run as; null for the one that signs in. */
  readonly role: string | null;
  /** The schemas in which names are looked for; those of the account where none are given. */
  readonly searchPath?: readonly string[];
  /** What `pg_stat_activity` shows. */
  readonly name: string;
  /** Connections at most. */
  readonly most: number;
  /** How long a statement may take, milliseconds. */
  readonly statementMs?: number;
  /** How long a call waits for a free connection, milliseconds. */
  readonly waitMs?: number;
  /** How long a statement waits for somebody else's lock, milliseconds. */
  readonly lockMs?: number;
  /** For COPY and LISTEN, which pipeline mode does not know: each statement waits for the one before. */
  readonly oneByOne?: boolean;
  /** Every statement goes by an index, in its order: tables hold thousands of tenants, statements ask for one. */
  readonly byIndex?: boolean;
}

export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly (string | number | boolean | null | Uint8Array)[];

/** One connection, or a transaction on it. Statements may be sent without awaiting those before. */
export interface Connection {
  /** The rows. Throws the driver's errors; `transaction` and `use` turn them into coded ones. */
  readonly query: <Row extends object>(sql: string, values?: readonly Value[]) => Promise<readonly Row[]>;
  /** How many rows a statement changed. */
  readonly change: (sql: string, values?: readonly Value[]) => Promise<number>;
  /** The driver's own client, for what goes beyond statements (COPY, LISTEN). */
  readonly client: pg.PoolClient;
}

export interface TransactionOptions {
  /** The space that is bound; null for none. */
  readonly space: string | null;
  /** Nothing may be written; the transaction is over when its answers are there. */
  readonly readOnly?: boolean;
  /** All statements see one state. */
  readonly snapshot?: boolean;
}

export interface PostgresPool {
  readonly transaction: <T>(options: TransactionOptions, work: (connection: Connection) => Promise<T>) => Promise<T>;
  /** A connection outside any transaction. */
  readonly use: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;
  readonly figures: () => { readonly connections: number; readonly idle: number; readonly waiting: number };
  readonly close: () => Promise<void>;
}

const { types } = pg;
const int8 = 20;
const numeric = 1700;
const texts = new Set([25, 1043]);
const textArray = 1009;
const parsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (format !== "binary" && (oid === int8 || oid === numeric)) return Number;
    if (texts.has(oid)) return (value: string | Buffer) => fromPostgresText(value.toString());
    const parse = types.getTypeParser(oid, format ?? "text") as (value: string) => unknown;
    if (oid === textArray)
      return (value: string) =>
        (parse(value) as (string | null)[]).map((one) => (one === null ? null : fromPostgresText(one)));
    return parse;
  }) as pg.CustomTypesConfig["getTypeParser"],
};

const sent = (value: Value): unknown => {
  if (typeof value === "string") return toPostgresText(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return (value as readonly Value[]).map(sent);
  return value;
};

/** Statements are prepared once a connection, under a name of their own text. */
const names = new Map<string, string>();
const nameOf = (sql: string): string => {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = `c${names.size}`;
  names.set(sql, name);
  return name;
};

/** A call that is not awaited yet must not end the process when another one fails first. */
const settled = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};

/** Statements that are sent in one go leave in one packet, not in one each. */
const together = (client: pg.PoolClient): void => {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
};

/** `failed` hears of the first statement that goes wrong, whose error explains those of the statements after it. */
const connectionOf = (client: pg.PoolClient, failed: (error: unknown) => void): Connection => {
  const run = async (sql: string, values: readonly Value[] = []) => {
    together(client);
    try {
      return await client.query<object>({ name: nameOf(sql), text: sql, values: values.map(sent) });
    } catch (error) {
      failed(error);
      throw error;
    }
  };
  return {
    client,
    query: <Row extends object>(sql: string, values?: readonly Value[]) =>
      settled(run(sql, values).then(({ rows }) => rows as unknown as readonly Row[])),
    change: (sql, values) => settled(run(sql, values).then(({ rowCount }) => rowCount ?? 0)),
  };
};

/** An error that only says that an earlier statement of the transaction failed. */
const isEcho = (error: unknown): boolean => sqlStateOf(error) === "25P02";

const beginOf = ({ readOnly, snapshot }: TransactionOptions): string =>
  `BEGIN${snapshot === true ? " ISOLATION LEVEL REPEATABLE READ" : ""}${readOnly === true ? " READ ONLY" : ""}`;

export const openPool = ({
  url,
  role,
  name,
  most,
  statementMs = 30_000,
  waitMs = 5_000,
  lockMs = 15_000,
  oneByOne = false,
  byIndex = false,
  searchPath,
}: PoolOptions): PostgresPool => {
  // Last in the path, no temporary table stands for one of ours.
  const path = searchPath === undefined ? null : [...searchPath, "pg_temp"].join(",");
  const settings = [
    ...(role === null ? [] : [`-c role=${role}`]),
    ...(path === null ? [] : [`-c search_path=${path}`]),
    `-c lock_timeout=${lockMs}`,
    "-c idle_in_transaction_session_timeout=60000",
    // A plan for the values at hand costs more than it saves: all statements go by the space.
    "-c plan_cache_mode=force_generic_plan",
    // What is read in the order of an index is not collected and sorted, whatever the planner thinks of its size.
    ...(byIndex ? ["-c enable_bitmapscan=off", "-c enable_seqscan=off"] : []),
  ].join(" ");
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max: most,
    connectionTimeoutMillis: waitMs,
    statement_timeout: statementMs,
    query_timeout: statementMs + 5_000,
    idleTimeoutMillis: 60_000,
    options: settings,
    types: parsers,
    pipeline: !oneByOne,
    keepAlive: true,
  });
  // A connection that breaks while nobody uses it is replaced by the pool.
  pool.on("error", () => undefined);
  let closed = false;

  const borrow = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    if (closed) throw new CairnError("storage.unavailable", "The database connections are closed.");
    let client: pg.PoolClient | undefined;
    let broken: Error | undefined;
    const noteBreak = (error: Error): void => void (broken = error);
    try {
      client = await pool.connect().catch((error: unknown) => {
        throw refusedConnection(error);
      });
      client.on("error", noteBreak);
      return await work(client);
    } catch (error) {
      if (isConnectionLoss(error)) broken = error as Error;
      throw postgresError(error);
    } finally {
      client?.off("error", noteBreak);
      client?.release(broken);
    }
  };

  // Said anew at every turn, so that what a statement set for its whole session is not met by whoever comes next.
  const pin = (local: boolean): string => {
    const set = (name: string, value: string): string => `set_config('${name}', ${value}, ${local})`;
    const fixed = [
      ...(role === null ? [] : [set("role", `'${role}'`)]),
      ...(path === null ? [] : [set("search_path", `'${path}'`)]),
    ];
    return `SELECT ${[...fixed, set("app.space", "$1")].join(", ")}`;
  };
  const pinTransaction = pin(true);
  const pinSession = pin(false);

  /** Sends statements that come before `work`'s own; in pipeline mode nobody waits for them. */
  const sendFirst = async (statements: readonly (() => Promise<unknown>)[]): Promise<void> => {
    for (const send of statements) {
      const sent = settled(send());
      if (oneByOne) await sent;
    }
  };

  const runTransaction = async <T>(
    client: pg.PoolClient,
    options: TransactionOptions,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> => {
    let first: Error | undefined;
    const connection = connectionOf(client, (error) => (first ??= error as Error));
    try {
      // Before the first statement, so that both leave together with what `work` sends.
      together(client);
      await sendFirst([
        () => client.query(beginOf(options)),
        () => connection.query(pinTransaction, [options.space ?? ""]),
      ]);
      const result = await work(connection);
      const committed = settled(client.query("COMMIT"));
      // What was read is read, whatever becomes of the end of the transaction.
      if (options.readOnly === true) return result;
      // A transaction in which a statement failed that nobody awaited ends without an error, and keeps nothing.
      if ((await committed).command === "ROLLBACK") throw first ?? new Error("the transaction was rolled back");
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => undefined);
      throw isEcho(error) ? (first ?? error) : error;
    }
  };

  return {
    transaction: async (options, work) => {
      const { space } = options;
      if (space !== null && !isUuid(space)) throw new CairnError("space.not_found", "There is no such space.");
      return borrow((client) => runTransaction(client, options, work));
    },
    use: (work) =>
      borrow(async (client) => {
        const connection = connectionOf(client, () => undefined);
        await sendFirst([() => connection.query(pinSession, [""])]);
        return work(connection);
      }),
    figures: () => ({ connections: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: async () => {
      if (closed) return;
      closed = true;
      await pool.end();
    },
  };
};
