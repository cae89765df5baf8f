/**
 * How a test file says that it needs PostgreSQL, and gets databases on the run's own server:
 *
 *     const describe = await postgresOrSkip();
 *     describe("…", () => {
 *       test("…", async () => {
 *         await using database = await makeDatabase();
 *
 * Where there is no PostgreSQL the file's tests are skipped, and the run ends with the reason and a list of the files.
 */
import { randomUUID } from "node:crypto";
import { join, relative } from "node:path";
import pg from "pg";
import { describe, expect, inject } from "vitest";
import type { Found, Need } from "./shared-server.ts";

const root = join(import.meta.dirname, "..", "..", "..");

const find = async (need: Need): Promise<Found> => {
  // What Vitest has not been given is undefined, whatever its types say.
  const address = inject("postgresAddress") as string | undefined;
  if (address === undefined) throw new Error("Vitest runs without the setup of testing/src/postgres.");
  const file = relative(root, expect.getState().testPath ?? "");
  const response = await fetch(`${address}?${new URLSearchParams({ need, file }).toString()}`, {
    headers: { connection: "close" },
  });
  return (await response.json()) as Found;
};

/**
 * Vitest's `describe`, or the one that skips everything where there is no PostgreSQL.
 * need: "own" for files that start servers of their own with `startPostgres`.
 */
export const postgresOrSkip = async (need: Need = "shared"): Promise<typeof describe.skip> => {
  const found = await find(need);
  if ("url" in found) return describe;
  if (process.env["CAIRN_TEST_POSTGRES"] === "required") throw new Error(`There is no PostgreSQL: ${found.missing}`);
  return describe.skip;
};

let shared: Promise<Found> | undefined;

/** The superuser's address of the run's server. */
const sharedUrl = async (): Promise<string> => {
  const found = await (shared ??= find("shared"));
  if ("missing" in found) throw new Error(found.missing);
  return found.url;
};

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** Of a superuser, in this database. */
  readonly url: string;
  /** Of a superuser, in the database `postgres` of the same server. */
  readonly adminUrl: string;
  /** Runs statements as a superuser in this database; the rows of the last one. */
  readonly run: <Row extends object = Record<string, unknown>>(sql: string) => Promise<readonly Row[]>;
  /**
   * An account that can sign in, gone with the database. attributes: as in `CREATE ROLE` ("CREATEROLE IN ROLE …").
   */
  readonly makeLogin: (attributes?: string) => Promise<{ readonly name: string; readonly url: string }>;
  readonly drop: () => Promise<void>;
}

const runOn = async (url: string, sql: string): Promise<readonly object[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result: unknown = await client.query(sql);
    const last = (Array.isArray(result) ? result.at(-1) : result) as pg.QueryResult<object>;
    return last.rows;
  } finally {
    await client.end();
  }
};

const withPart = (url: string, change: (url: URL) => void): string => {
  const changed = new URL(url);
  change(changed);
  return changed.href;
};

/** A fresh, empty database; on the run's server unless `adminUrl`, a superuser's address, names another. */
export const makeDatabase = async (serverUrl?: string): Promise<TestDatabase> => {
  const adminUrl = serverUrl ?? (await sharedUrl());
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await runOn(adminUrl, `CREATE DATABASE ${name}`);
  const url = withPart(adminUrl, (at) => (at.pathname = `/${name}`));
  const logins: string[] = [];
  const drop = async (): Promise<void> => {
    await runOn(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    for (const login of logins.splice(0)) await runOn(adminUrl, `DROP ROLE ${login}`);
  };
  return {
    name,
    url,
    adminUrl,
    run: async <Row extends object>(sql: string) => (await runOn(url, sql)) as readonly Row[],
    makeLogin: async (attributes = "") => {
      const login = `login_${randomUUID().replaceAll("-", "")}`;
      await runOn(url, `CREATE ROLE ${login} LOGIN PASSWORD 'secret' ${attributes}`);
      logins.push(login);
      const loginUrl = withPart(url, (at) => {
        at.username = login;
        at.password = "secret";
      });
      return { name: login, url: loginUrl };
    },
    drop,
    [Symbol.asyncDispose]: drop,
  };
};
