import { expect, test } from "vitest";
import { openSharedServer, serveSharedServer } from "./shared-server.ts";

test("a server that was named is used, and none is started", async () => {
  await using shared = openSharedServer({ CAIRN_TEST_POSTGRES_URL: "postgres://admin@db/postgres" });
  expect(await shared.find("shared")).toEqual({ url: "postgres://admin@db/postgres" });
});

test("tests that need PostgreSQL can be turned off", async () => {
  await using shared = openSharedServer({ CAIRN_TEST_POSTGRES: "off" });
  const missing = { missing: "CAIRN_TEST_POSTGRES is off" };
  expect(await shared.find("shared")).toEqual(missing);
  expect(await shared.find("own")).toEqual(missing);
});

test("the files that got none are remembered with the reason, each once", async () => {
  await using shared = openSharedServer({ CAIRN_TEST_POSTGRES: "off" });
  const served = await serveSharedServer(shared);
  try {
    for (const file of ["a.pg.test.ts", "b.pg.test.ts", "a.pg.test.ts"]) {
      const response = await fetch(`${served.address}?need=shared&file=${file}`);
      expect(await response.json()).toEqual({ missing: "CAIRN_TEST_POSTGRES is off" });
    }
    expect(served.skipped).toEqual(
      new Map([["CAIRN_TEST_POSTGRES is off", new Set(["a.pg.test.ts", "b.pg.test.ts"])]]),
    );
    expect((await fetch(new URL("/", served.address))).status).toBe(404);
  } finally {
    served.close();
  }
});
