/**
 * Kysely on the connections of the cloud engine's pool: the same statements, errors, roles and deadlines as everywhere,
 * under Kysely's own compiler for PostgreSQL. The driver's errors pass through unchanged, because queries look at their
 * codes; the adapter turns them into coded ones.
 */
import type { Connection, PostgresPool, Value } from "@cairn/store-postgres/connection/pool";
import { isConnectionLoss } from "@cairn/store-postgres/connection/postgres-error";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";

interface HeldConnection extends DatabaseConnection {
  /** A statement without rows. */
  readonly say: (sql: string) => Promise<void>;
  readonly release: () => void;
}

/** Whether the caller wants to know how many rows there were, rather than the rows. */
const isCounted = ({ query }: CompiledQuery): boolean =>
  ["InsertQueryNode", "UpdateQueryNode", "DeleteQueryNode", "MergeQueryNode"].includes(query.kind) &&
  !("returning" in query && query.returning !== undefined);

const held = (connection: Connection, free: () => void, fail: (error: unknown) => void): HeldConnection => {
  let lost: unknown = null;
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isConnectionLoss(error)) lost = error;
      throw error;
    }
  };
  return {
    executeQuery: async <Row>(compiled: CompiledQuery): Promise<QueryResult<Row>> => {
      const values = compiled.parameters as readonly Value[];
      if (isCounted(compiled)) {
        const changed = await watched(connection.change(compiled.sql, values));
        return { rows: [], numAffectedRows: BigInt(changed) };
      }
      return { rows: [...(await watched(connection.query<Row & object>(compiled.sql, values)))] };
    },
    streamQuery: () => {
      throw new Error("The directory's queries are not streamed.");
    },
    say: async (sql) => void (await watched(connection.client.query(sql))),
    // What broke is not given to the next caller.
    release: () => (lost === null ? free() : fail(lost)),
  };
};

/** Keeps one connection of the pool from `use` until it is released. */
const acquire = (pool: PostgresPool): Promise<HeldConnection> =>
  new Promise((resolve, reject) => {
    const use = (connection: Connection): Promise<void> =>
      new Promise((free, fail) => resolve(held(connection, free, fail)));
    // After the connection was had, a failure has been told where it happened.
    pool.use(use).catch(reject);
  });

const driverOf = (pool: PostgresPool): Driver => ({
  init: async () => undefined,
  acquireConnection: () => acquire(pool),
  beginTransaction: (connection, { isolationLevel, accessMode }) =>
    (connection as HeldConnection).say(
      ["begin", isolationLevel === undefined ? "" : `isolation level ${isolationLevel}`, accessMode ?? ""].join(" "),
    ),
  commitTransaction: (connection) => (connection as HeldConnection).say("commit"),
  rollbackTransaction: (connection) => (connection as HeldConnection).say("rollback"),
  releaseConnection: async (connection) => (connection as HeldConnection).release(),
  // Whoever opened the pool closes it.
  destroy: async () => undefined,
});

export const poolDialect = (pool: PostgresPool): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => driverOf(pool),
  createIntrospector: (tables) => new PostgresIntrospector(tables),
  createQueryCompiler: () => new PostgresQueryCompiler(),
});
