/**
 * Leases on pieces of work among servers of one database, so that two of them do not make the same vectors: advisory
 * locks of one connection, which PostgreSQL lets go as soon as the server that held them is gone. There are no rows to
 * clean up and nothing to renew; when the connection breaks, the leases are gone with it.
 *
 * Not for a connection pooler that gives each transaction another connection: the locks belong to one.
 */
import { createHash } from "node:crypto";
import pg from "pg";

export interface Lease {
  /** Says that the work goes on; takes the lease again when the connection broke meanwhile and nobody else has it. */
  readonly renew: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** Null while another holds it, also in this process, and while the database does not answer. */
export type TakeLease = (name: string) => Promise<Lease | null>;

export interface PostgresLeases {
  readonly take: TakeLease;
  /** Lets all go; doing so again is harmless. */
  readonly close: () => Promise<void>;
}

/** 64 bits of the name's hash; of two names with the same one waits for the other, which happens to nobody. */
const lockOf = (name: string): string =>
  createHash("sha256").update(`cairn lease\0${name}`).digest().readBigInt64BE().toString();

/** A machine that vanished without a word is noticed within a minute. */
const keepAlive = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";

export const openPostgresLeases = (url: string): PostgresLeases => {
  let connecting: Promise<pg.Client> | null = null;
  let closed = false;
  /** What this process works on, and through which connection it was locked; a connection would lock twice. */
  const held = new Map<string, pg.Client>();

  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString: url,
      application_name: "cairn leases",
      connectionTimeoutMillis: 5_000,
      statement_timeout: 5_000,
      query_timeout: 6_000,
      keepAlive: true,
      options: keepAlive,
    });
    const own = connecting;
    const over = (): void => {
      if (connecting === own) connecting = null;
      void client.end().catch(() => undefined);
    };
    client.on("error", over);
    client.on("end", over);
    await client.connect();
    return client;
  };
  const connection = async (): Promise<pg.Client> => {
    const { promise, resolve, reject } = Promise.withResolvers<pg.Client>();
    const current = connecting;
    if (current !== null) return current;
    connecting = promise;
    promise.catch(() => {
      if (connecting === promise) connecting = null;
    });
    connect().then(resolve, reject);
    return promise;
  };

  const lock = async (name: string): Promise<pg.Client | null> => {
    try {
      const client = await connection();
      const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_lock($1::bigint) as taken", [
        lockOf(name),
      ]);
      return rows[0]?.taken === true ? client : null;
    } catch {
      return null;
    }
  };
  const isLive = async (client: pg.Client): Promise<boolean> => {
    const current = await (connecting ?? Promise.resolve(null)).catch(() => null);
    return current === client;
  };

  const reserved = new Set<string>();
  return {
    take: async (name) => {
      if (closed || reserved.has(name)) return null;
      reserved.add(name);
      const client = await lock(name);
      if (client === null) {
        reserved.delete(name);
        return null;
      }
      held.set(name, client);
      let isOver = false;
      return {
        renew: async () => {
          const before = held.get(name);
          if (isOver || closed || (before !== undefined && (await isLive(before)))) return;
          const again = await lock(name);
          if (again !== null) held.set(name, again);
        },
        release: async () => {
          if (isOver) return;
          isOver = true;
          const owner = held.get(name);
          held.delete(name);
          await owner?.query("select pg_advisory_unlock($1::bigint)", [lockOf(name)]).catch(() => undefined);
          reserved.delete(name);
        },
      };
    },
    close: async () => {
      closed = true;
      held.clear();
      const client = await connecting?.catch(() => null);
      connecting = null;
      await client?.end().catch(() => undefined);
    },
  };
};
