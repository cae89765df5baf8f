import { chmod, mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { describe, expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

interface Found {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly fix: string | null;
}

const setUp = async () => {
  const cli = await setUpCli();
  const findings = async (env: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, Found>>> => {
    const { json } = await cli.run(["doctor", "--json"], { env });
    return Object.fromEntries((json.findings as readonly Found[]).map((found) => [found.check, found]));
  };
  return { cli, findings, [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose]() };
};

describe("TEN-1 doctor on sign-in", () => {
  test("says that it is off on a laptop, which is no fault, and what would change that", async () => {
    await using setup = await setUp();
    await setup.cli.run(["remember", "something"]);
    const found = await setup.findings();
    expect(found["sign-in"]).toMatchObject({ level: "note", message: expect.stringContaining("cairn admin init") });
    expect(found["audit"]).toBeUndefined();
    expect((await setup.findings({ CAIRN_HOST: "0.0.0.0" }))["sign-in"]).toMatchObject({ level: "problem" });
  });

  test("says that it is on, that the audit is whole, and what a server for others lacks", async () => {
    await using setup = await setUp();
    await setup.cli.run(["admin", "init"]);
    const found = await setup.findings();
    expect(found["sign-in"]).toMatchObject({ level: "ok" });
    expect(found["secret"]).toMatchObject({ level: "ok" });
    expect(found["audit"]).toMatchObject({ level: "ok" });
    const outside = await setup.findings({ CAIRN_HOST: "0.0.0.0" });
    expect(outside["public address"]).toMatchObject({
      level: "problem",
      fix: expect.stringContaining("CAIRN_PUBLIC_URL"),
    });
    const told = await setup.findings({ CAIRN_HOST: "0.0.0.0", CAIRN_PUBLIC_URL: "https://memory.example.com" });
    expect(told["public address"]).toBeUndefined();
  });

  test.skipIf(process.platform === "win32")("tells of a secret that others can read", async () => {
    await using setup = await setUp();
    await setup.cli.run(["admin", "init"]);
    const path = join(setup.cli.data, "secret");
    await chmod(path, 0o644);
    expect((await setup.findings())["secret"]).toMatchObject({ level: "problem", fix: `chmod 600 ${path}` });
  });

  test("TEN-8 tells of an audit that was changed, and of records that nobody takes in", async () => {
    await using setup = await setUp();
    await setup.cli.run(["admin", "init"]);
    const database = new Database(join(setup.cli.data, "directory.db"));
    database.exec("DROP TRIGGER audit_entries_unchanged; UPDATE audit_entries SET principal = 'nobody' WHERE seq = 1");
    database.close();
    const folder = join(setup.cli.data, "spool", "01890a5d-ac96-774b-bcce-b302099a8057");
    await mkdir(folder, { recursive: true });
    const file = join(folder, "1.jsonl");
    await writeFile(file, "{}\n");
    expect((await setup.findings())["records of calls"]).toMatchObject({ level: "note" });
    const longAgo = Date.now() / 1_000 - 7_200;
    await utimes(file, longAgo, longAgo);
    const found = await setup.findings();
    expect(found["records of calls"]).toMatchObject({ level: "problem" });
    expect(found["audit"]).toMatchObject({ level: "problem", message: expect.stringContaining("position 1") });
    expect((await setup.cli.run(["admin", "audit", "verify"])).code).toBe(1);
  });
});
