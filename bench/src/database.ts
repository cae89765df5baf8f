/** A PostgreSQL database for one benchmark, gone afterwards: on a server of its own, or on one that is named. */
import { randomUUID } from "node:crypto";
import { startPostgres } from "@cairn/testing/postgres/start-postgres";
import pg from "pg";

export interface BenchDatabase extends AsyncDisposable {
  readonly url: string;
}

/** Nobody waits for ever for a server that was named wrongly. */
const connectMs = 15_000;

const run = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMs });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
};

const madeOn = async (serverUrl: string): Promise<BenchDatabase> => {
  const name = `cairn_bench_${randomUUID().replaceAll("-", "")}`;
  await run(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, [Symbol.asyncDispose]: () => run(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
};

/**
 * serverUrl: of an account that may create databases and roles, in a database to be left alone; null starts a server
 * that keeps what it commits as one in use does. Throws where there can be none.
 */
export const makeBenchDatabase = async (serverUrl: string | null): Promise<BenchDatabase> => {
  if (serverUrl !== null) return madeOn(serverUrl);
  const server = await startPostgres({ durable: true });
  return { url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};
