import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

const describe = await postgresOrSkip();

describe("cairn admin on PostgreSQL", () => {
  test("TEN-1 TEN-2 TEN-8 sets a server up, makes a tenant with people and keys, and shows what was done", async () => {
    await using database = await makeDatabase();
    await using cli = await setUpCli();
    const url = { CAIRN_DATABASE_URL: database.url };
    const without = await cli.run(["admin", "init", "--name", "Acme"], { env: url });
    expect(without).toMatchObject({ code: 6, err: expect.stringContaining("openssl rand -base64 32") as string });

    const env = { ...url, CAIRN_SECRET: "s".repeat(40) };
    const json = async (...words: readonly string[]) => {
      const { code, json: value, err } = await cli.run(["admin", ...words, "--json"], { env });
      expect({ code, err }).toEqual({ code: 0, err: "" });
      return value;
    };
    expect((await json("org", "list")).organisations[0].name).not.toBe("Acme");
    const first = await json("init", "--name", "Acme", "--email", "anna@example.com");
    expect(first).toMatchObject({ organisation: { name: "Acme" }, key: expect.stringMatching(/^cairn_live_/u) });
    expect((await cli.run(["admin", "init"], { env })).code).toBe(4);

    await json("org", "create", "Globex");
    await json("user", "create", "hank@example.com");
    await json("member", "add", "hank@example.com", "--role", "admin", "--org", "globex");
    const key = await json("key", "create", "laptop", "--owner", "hank@example.com", "--org", "globex");
    expect(await json("key", "rotate", key.id, "--org", "globex")).toMatchObject({ replaces: key.id });
    expect((await json("secret", "status")).secrets).toMatchObject([{ state: "current", keys: 3 }]);
    expect(await json("usage", "--org", "globex", "--by", "key")).toMatchObject({
      groups: [{ amounts: { calls: 3 } }],
    });

    const { head } = await json("audit", "head");
    expect(await json("audit", "verify", "--head", head)).toMatchObject({ whole: true });
    const { entries } = await json("audit", "list", "--org", "globex", "--kind", "administrate");
    expect(entries.map(({ operation }: { operation: string }) => operation)).toContain("keys.rotate");
    expect((await cli.run(["doctor"], { env })).out).toMatch(/sign-in: On/u);

    await json("org", "remove", "globex", "--yes");
    expect((await json("key", "list")).keys).toHaveLength(1);
  });
});
