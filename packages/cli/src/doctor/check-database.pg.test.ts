import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";
import { checkDatabase } from "./check-database.ts";
import type { Finding } from "./finding.ts";

const describe = await postgresOrSkip();

const setUp = async () => {
  const cli = await setUpCli();
  const database = await makeDatabase();
  const on = (words: readonly string[], url = database.url) => cli.run(words, { env: { CAIRN_DATABASE_URL: url } });
  const check = (url = database.url, connections = 5) =>
    checkDatabase({ url, migrationUrl: url, connections, cells: {} });
  return {
    ...cli,
    database,
    on,
    check,
    [Symbol.asyncDispose]: async () => {
      await cli[Symbol.asyncDispose]();
      await database.drop();
    },
  };
};

const find = (findings: readonly Finding[], check: string): Finding | undefined =>
  findings.find((finding) => finding.check === check);

/** A member of the three roles and of nothing else, as servers should sign in. */
const applicationLogin = "IN ROLE cairn_app, cairn_directory_app, cairn_jobs_app";

describe("API-7: cairn doctor with a database", () => {
  test("a healthy database: exit status 0; where memories are, without the password; spaces are whole", async () => {
    await using setup = await setUp();
    const { on, database } = setup;
    await on(["remember", "The harbour opens at seven"]);
    await on(["spaces", "create", "club"]);
    const login = await database.makeLogin(applicationLogin);
    const found = await on(["doctor", "--json"], login.url);
    expect(found).toMatchObject({ code: 0, err: "", json: { healthy: true } });
    expect(found.out).not.toContain("secret");
    const findings = found.json.findings as readonly Finding[];
    expect(find(findings, "database")?.message).toMatch(
      /^PostgreSQL at \S+\/test_\w+: PostgreSQL \d+\.\d+.*, pgvector 0\.\d+\.\d+$/u,
    );
    for (const check of ["database account", "migrations", "database notifications", "database connections"])
      expect(find(findings, check)).toMatchObject({ level: "ok" });
    expect(find(findings, "space default")?.message).toBe("1 memories, indexes in step");
    expect(find(findings, "space club")?.level).toBe("ok");
    // Files that are not there are no matter here.
    expect(findings.filter(({ check }) => ["data", "spaces", "directory"].includes(check))).toEqual([]);
  });

  test("an account that row-level security does not bind is told what to do, and nothing is wrong", async () => {
    await using setup = await setUp();
    await setup.on(["remember", "The harbour opens at seven"]);
    const superuser = find((await setup.check()).findings, "database account");
    expect(superuser).toMatchObject({ level: "note", message: expect.stringContaining("is a superuser") });
    expect(superuser?.fix).toContain("CAIRN_MIGRATION_DATABASE_URL");
    const passes = await setup.database.makeLogin(`BYPASSRLS ${applicationLogin}`);
    expect(find((await setup.check(passes.url)).findings, "database account")?.message).toContain("has BYPASSRLS");
    const owns = await setup.database.makeLogin(`${applicationLogin}, cairn_owner`);
    expect(find((await setup.check(owns.url)).findings, "database account")?.message).toContain("cairn_owner");
  });

  test("an account without the roles, and a database that nobody migrated, say what is to be done", async () => {
    await using setup = await setUp();
    const { check, database, on } = setup;
    const before = await check();
    expect(before.ready).toBe(false);
    expect(before.findings.filter(({ check: name }) => name === "migrations").map(({ level }) => level)).toEqual([
      "note",
      "note",
      "note",
    ]);
    // To look changes nothing.
    expect((await on(["doctor"])).code).toBe(0);
    expect(await database.run("SELECT FROM pg_namespace WHERE nspname LIKE 'cairn%'")).toEqual([]);
    await on(["remember", "The harbour opens at seven"]);
    const stranger = await database.makeLogin();
    const found = await check(stranger.url);
    expect(found.ready).toBe(false);
    expect(find(found.findings, "database account")).toMatchObject({
      level: "problem",
      fix: expect.stringMatching(/GRANT cairn_app, cairn_directory_app, cairn_jobs_app TO "login_/u),
    });
  });

  test("OPS-5 steps that are to come, and those of a newer version, are told apart", async () => {
    await using setup = await setUp();
    const { check, database, on } = setup;
    await on(["remember", "The harbour opens at seven"]);
    await database.run(
      "DELETE FROM cairn_directory.migrations WHERE id = (SELECT max(id) FROM cairn_directory.migrations)",
    );
    const behind = await check();
    expect(behind.ready).toBe(false);
    expect(find(behind.findings, "migrations")).toMatchObject({
      level: "note",
      message: expect.stringMatching(/^1 of \d+ steps of cairn_directory/u),
    });
    await database.run("INSERT INTO cairn.migrations (id, name) VALUES (999, 'of the future')");
    expect((await check()).findings.filter(({ level }) => level === "problem")).toMatchObject([
      { check: "migrations", message: "The tables of cairn were made by a newer Cairn.", fix: "Update Cairn" },
    ]);
  });

  test("too few connections, and a path over which no word of changes comes, are told", async () => {
    await using setup = await setUp();
    const { check, database, on } = setup;
    await on(["remember", "The harbour opens at seven"]);
    expect(find((await check(database.url, 900)).findings, "database connections")).toMatchObject({
      level: "problem",
      fix: expect.stringContaining("CAIRN_DATABASE_CONNECTIONS"),
    });
    await using pooler = await withoutNotifications(database.url);
    expect(find((await check(pooler.url)).findings, "database notifications")).toMatchObject({ level: "problem" });
  });

  test("of many spaces some are looked at, with --all every one", async () => {
    await using setup = await setUp();
    const { on, database } = setup;
    await on(["remember", "The harbour opens at seven"]);
    await database.run(`
      INSERT INTO cairn_directory.spaces (id, name, name_key, created_at, updated_at, epoch)
      SELECT '01900000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'space ' || n, 'space ' || n, 1, 1, 0
      FROM generate_series(1, 120) AS n`);
    const some = (await on(["doctor", "--json"])).json.findings as readonly Finding[];
    expect(some.filter(({ check }) => check.startsWith("space "))).toHaveLength(100);
    expect(find(some, "spaces")?.message).toBe("100 of 121 were looked at, picked at random");
    const all = (await on(["doctor", "--all", "--json"])).json.findings as readonly Finding[];
    expect(all.filter(({ check }) => check.startsWith("space "))).toHaveLength(121);
    expect(find(all, "spaces")).toBeUndefined();
  });

  test("what is out of step in a space is told and mended", async () => {
    await using setup = await setUp();
    const { on, database } = setup;
    await on(["remember", "The harbour opens at seven"]);
    await database.run("UPDATE cairn.docs SET entry = NULL");
    const broken = await on(["doctor", "--json"]);
    expect(broken.code).toBe(1);
    expect(find(broken.json.findings, "space default")).toMatchObject({
      level: "problem",
      message: expect.stringContaining("[index."),
      fix: "cairn doctor --repair",
    });
    expect((await on(["doctor", "--repair"])).out).toContain("mended: ");
    expect((await on(["doctor"])).code).toBe(0);
  });

  test("a database that cannot be reached is a problem, told without its password", async () => {
    await using cli = await setUpCli();
    const env = { CAIRN_DATABASE_URL: "postgres://anna:hunter2@127.0.0.1:1/none" };
    const found = await cli.run(["doctor", "--json"], { env });
    expect(found.code).toBe(1);
    expect(found.out).not.toContain("hunter2");
    const problems = (found.json.findings as readonly Finding[]).filter(({ level }) => level === "problem");
    expect(problems).toMatchObject([{ check: "database", message: expect.stringContaining("127.0.0.1:1/none") }]);
  });
});

/** As a pooler in transaction mode: what PostgreSQL says of its own accord does not come through. */
const withoutNotifications = async (url: string) => {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    let rest = Buffer.alloc(0);
    far.on("data", (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      const through: Buffer[] = [];
      while (rest.length >= 5) {
        const length = 1 + rest.readUInt32BE(1);
        if (rest.length < length) break;
        // NotificationResponse of the protocol is 'A'.
        if (rest[0] !== 0x41) through.push(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      near.write(Buffer.concat(through));
    });
    near.pipe(far);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
