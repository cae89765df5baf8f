/** What a server that runs makes of `cairn admin`, as two processes on one folder. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

test("TEN-1 TEN-2 a server that runs asks for a key from `cairn admin init` on, takes the one it printed, and refuses a revoked one", async () => {
  await using cli = await setUpCli();
  const { child, written, ended } = cli.start(["serve"]);
  try {
    while (!written.out.includes("try ")) await once(child.stdout, "data");
    const url = /http:\/\/127\.0\.0\.1:\d+/u.exec(written.out)?.[0] ?? "";
    const call = async (key: string | null) => {
      const headers: Record<string, string> = { "Content-Type": "application/json" };
      if (key !== null) headers["Authorization"] = `Bearer ${key}`;
      const body = JSON.stringify({ query: "spare key" });
      return (await fetch(`${url}/v1/recall`, { method: "POST", headers, body })).status;
    };
    await cli.run(["remember", "The spare key is under the blue pot"]);
    expect(await call(null)).toBe(200);

    const { key, key_id: id } = (await cli.run(["admin", "init", "--json"])).json;
    expect(await call(null)).toBe(401);
    expect(await call(key)).toBe(200);
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);

    const next = (await cli.run(["admin", "key", "rotate", id, "--grace", "0", "--json"])).json;
    expect([await call(key), await call(next.key)]).toEqual([401, 200]);
    await cli.run(["admin", "key", "revoke", next.id, "--yes"]);
    // Nothing that is taken away lets everybody in again.
    expect([await call(next.key), await call(null)]).toEqual([401, 401]);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
});
