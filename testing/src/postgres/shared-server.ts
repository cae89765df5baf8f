/**
 * One PostgreSQL server for a whole run of the tests. Vitest's own process keeps it, starts it when the first test file
 * asks, so that a run that needs none pays nothing, and ends it with the run; the test files' processes ask over
 * loopback. What had to be skipped, and why, is said at the end of the run.
 *
 * `CAIRN_TEST_POSTGRES_URL` names an existing server instead, by a superuser's address. `CAIRN_TEST_POSTGRES=off` skips
 * the tests that need one; `CAIRN_TEST_POSTGRES=required` lets them fail where there is none.
 */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { PostgresMissing, postgresBinaries } from "./binaries.ts";
import { type Postgres, startPostgres, testedVersion } from "./start-postgres.ts";

/** What a test file learns: the superuser's address, or why there is none. */
export type Found = { readonly url: string } | { readonly missing: string };

/** What a test file needs: the run's server, or programs to start its own. */
export type Need = "shared" | "own";

export interface SharedServer extends AsyncDisposable {
  readonly find: (need: Need) => Promise<Found>;
}

/** Finds the run's server, starting it at most once. */
export const openSharedServer = (env = process.env): SharedServer => {
  let own: Promise<Postgres> | undefined;
  const given = env["CAIRN_TEST_POSTGRES_URL"];
  const url = async (need: Need): Promise<string> => {
    if (env["CAIRN_TEST_POSTGRES"] === "off") throw new PostgresMissing("CAIRN_TEST_POSTGRES is off");
    if (need === "own") {
      await postgresBinaries(testedVersion(env));
      return "";
    }
    if (given !== undefined && given !== "") return given;
    own ??= startPostgres({ version: testedVersion(env) });
    return (await own).url;
  };
  return {
    find: async (need) => {
      try {
        return { url: await url(need) };
      } catch (error) {
        return { missing: (error as Error).message };
      }
    },
    [Symbol.asyncDispose]: async () => {
      const server = await own?.catch(() => undefined);
      await server?.[Symbol.asyncDispose]();
    },
  };
};

/** Answers the test files' processes. `skipped`: the files that did not get what they need, by the reason. */
export const serveSharedServer = async (
  shared: SharedServer,
): Promise<{
  readonly address: string;
  readonly skipped: ReadonlyMap<string, Set<string>>;
  readonly close: () => void;
}> => {
  const secret = randomUUID();
  const skipped = new Map<string, Set<string>>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname !== `/${secret}`) return void response.writeHead(404).end();
    void shared.find(searchParams.get("need") === "own" ? "own" : "shared").then((found) => {
      if ("missing" in found) {
        const files = skipped.get(found.missing) ?? new Set();
        skipped.set(found.missing, files.add(searchParams.get("file") ?? ""));
      }
      response.end(JSON.stringify(found));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    address: `http://127.0.0.1:${address.port}/${secret}`,
    skipped,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
