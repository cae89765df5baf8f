import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgresDatabase } from "@cairn/directory/database/postgres-database";
import type { UsageCount } from "@cairn/directory/ledger/usage";
import { migrateDirectory } from "@cairn/directory/postgres-migrations";
import { tenantsOver } from "@cairn/directory/tenants";
import { migratePostgresJobs } from "@cairn/jobs/postgres-migrate";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { noteOfShell } from "@cairn/server/access/shell-note";
import { openPool } from "@cairn/store-postgres/connection/pool";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import { postgresBinaries } from "@cairn/testing/postgres/binaries";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { type Postgres, startPostgres, testedVersion } from "@cairn/testing/postgres/start-postgres";

const folder = join(import.meta.dirname, "..", "..", "deploy", "postgres");
const describe = await postgresOrSkip("own");

describe("what an administrator prepares", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const psql = async (url: string, sql: string) => {
    const binaries = await postgresBinaries(testedVersion());
    const args = ["--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "--dbname", url];
    const { status, stderr } = spawnSync(join(binaries, "psql"), args, { input: sql, encoding: "utf8" });
    return { status, stderr: stderr.replaceAll(/^.*NOTICE: .*\n/gmu, "") };
  };
  const prepare = (url: string) => psql(url, readFileSync(join(folder, "prepare.sql"), "utf8"));
  const as = (url: string, account: string, password: string): string => {
    const changed = new URL(url);
    changed.username = account;
    changed.password = password;
    return changed.href;
  };
  const setPasswords = async (url: string): Promise<{ status: number | null; stderr: string }> => {
    const secrets = mkdtempSync(join(tmpdir(), "cairn-passwords-"));
    try {
      writeFileSync(join(secrets, "server_password"), "one");
      writeFileSync(join(secrets, "migrator_password"), "two");
      const sql = readFileSync(join(folder, "passwords.sql"), "utf8");
      return await psql(url, sql.replaceAll("/run/secrets", secrets));
    } finally {
      rmSync(secrets, { recursive: true, force: true });
    }
  };
  const reasonOf = async (url: string, sql: string): Promise<string> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await client.query(sql).then(
        () => "allowed",
        (error: unknown) => (error as { readonly code: string }).code,
      );
    } finally {
      await client.end();
    }
  };
  const served = async (made: TestDatabase): Promise<unknown> => {
    const pool = openPool({ url: as(made.url, "cairn_server", "one"), role: "cairn_app", name: "test", most: 1 });
    try {
      return await pool.use(({ query }) => query("SELECT current_user AS role, count(*) AS n FROM cairn.memories"));
    } finally {
      await pool.close();
    }
  };

  test("OPS-2 is enough for one account to migrate and for the other to serve, which owns nothing", async () => {
    await using made = await makeDatabase(server.url);
    expect(await prepare(made.url)).toEqual({ status: 0, stderr: "" });
    expect(await setPasswords(made.url)).toEqual({ status: 0, stderr: "" });
    // Again, as an upgrade may ask for it.
    expect(await prepare(made.url)).toEqual({ status: 0, stderr: "" });

    const steps = await migrateMemory({ url: as(made.url, "cairn_migrator", "two") });
    expect(steps.length).toBeGreaterThan(0);
    await migrateDirectory({ url: as(made.url, "cairn_migrator", "two") });
    await migratePostgresJobs(as(made.url, "cairn_migrator", "two"));
    expect(await migrateMemory({ url: as(made.url, "cairn_server", "one") })).toEqual([]);
    expect(await served(made)).toEqual([{ role: "cairn_app", n: 0 }]);

    const url = as(made.url, "cairn_server", "one");
    const insufficient = "42501";
    for (const sql of [
      "SET ROLE cairn_owner",
      "SELECT FROM cairn.memories",
      "CREATE TABLE cairn.mine (id int)",
      "SET ROLE cairn_app; CREATE TABLE cairn.mine (id int)",
      "SET ROLE cairn_app; ALTER TABLE cairn.memories DISABLE ROW LEVEL SECURITY",
      "SET ROLE cairn_directory_app; SELECT FROM cairn.memories",
    ]) {
      expect({ sql, code: await reasonOf(url, sql) }).toEqual({ sql, code: insufficient });
    }
    // The queue of jobs belongs to its role, which both accounts may act as.
    const queue = "SET ROLE cairn_jobs_app; CREATE TABLE cairn_jobs.trial (id int); DROP TABLE cairn_jobs.trial";
    expect(await reasonOf(url, queue)).toBe("allowed");
    expect(await reasonOf(as(made.url, "cairn_migrator", "two"), queue)).toBe("allowed");

    const powers = await made.run(
      `SELECT rolname FROM pg_roles
       WHERE rolname LIKE 'cairn%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`,
    );
    expect(powers).toEqual([]);
  });

  test("OPS-2 TEN-1 is enough for people, organisations, keys, usage and audit, whose records the server cannot change", async () => {
    await using made = await makeDatabase(server.url);
    await prepare(made.url);
    await setPasswords(made.url);
    await migrateDirectory({ url: as(made.url, "cairn_migrator", "two") });
    const url = as(made.url, "cairn_server", "one");
    const database = openPostgresDatabase({ url });
    try {
      const clock = (): number => Date.parse("2026-03-14T12:00:00Z");
      const { organisations, people, keys, tokens, ledger } = tenantsOver(database, clock);
      const note = noteOfShell("test", "members.add", clock());
      const person = { email: "anna@example.com", name: "Anna", passwordHash: null, verified: true };
      const { principal } = await people.create(person);
      await organisations.setMember(homeOrganisation, { principal, role: "admin", by: "local" }, note);
      expect(await organisations.roleOf(homeOrganisation, principal)).toBe("admin");
      expect(await keys.countByPepper()).toEqual(new Map());
      expect(await tokens.signingKeys.allNow()).toEqual([]);
      const count: UsageCount = {
        day: "2026-03-14",
        organisation: homeOrganisation,
        space: "",
        key: "",
        metric: "calls",
        amount: 1,
      };
      expect(await ledger.apply({ spool: newId(), number: 1, entries: [], counts: [count] })).toBe(true);
      expect((await ledger.head(homeOrganisation)).seq).toBe(1);
    } finally {
      await database.close();
    }
    const insufficient = "42501";
    for (const sql of [
      "UPDATE cairn_directory.audit_entries SET seq = 2",
      "DELETE FROM cairn_directory.audit_entries",
    ]) {
      expect({ sql, code: await reasonOf(url, `SET ROLE cairn_directory_app; ${sql}`) }).toEqual({
        sql,
        code: insufficient,
      });
    }
  });

  test("OPS-2 a backup by pg_dump holds all spaces and is restored with owners and rights; never a part of it", async () => {
    await using made = await makeDatabase(server.url);
    await using fresh = await makeDatabase(server.url);
    const binaries = await postgresBinaries(testedVersion());
    const run = (program: string, ...args: readonly string[]) => {
      const { status, stderr } = spawnSync(join(binaries, program), args, { encoding: "utf8" });
      return { status, stderr };
    };
    await prepare(made.url);
    await setPasswords(made.url);
    await migrateMemory({ url: as(made.url, "cairn_migrator", "two") });
    await made.run(`INSERT INTO cairn.space_state (space, replica, analyzer)
      SELECT gen_random_uuid(), 'r', 'a' FROM generate_series(1, 3)`);

    const place = mkdtempSync(join(tmpdir(), "cairn-backup-"));
    try {
      const file = join(place, "cairn.dump");
      const dump = (url: string) => run("pg_dump", "--format=custom", `--file=${file}`, `--dbname=${url}`);
      // Row-level security shows this account nothing: an error, and not an empty backup.
      const owner = dump(`${as(made.url, "cairn_migrator", "two")}?options=-c%20role%3Dcairn_owner`);
      expect(owner).toMatchObject({ status: 1, stderr: expect.stringContaining("row-level security") });

      expect(dump(made.url)).toEqual({ status: 0, stderr: "" });
      expect(run("pg_restore", "--exit-on-error", `--dbname=${fresh.url}`, file)).toEqual({ status: 0, stderr: "" });
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
    expect(await fresh.run("SELECT count(*)::int AS n FROM cairn.space_state")).toEqual([{ n: 3 }]);
    expect(await migrateMemory({ url: as(fresh.url, "cairn_migrator", "two") })).toEqual([]);
    expect(await served(fresh)).toEqual([{ role: "cairn_app", n: 0 }]);
    // Bound still: without a space not one row is seen.
    const url = as(fresh.url, "cairn_server", "one");
    expect(await reasonOf(url, "SET ROLE cairn_app; ALTER TABLE cairn.memories DISABLE ROW LEVEL SECURITY")).toBe(
      "42501",
    );
  });

  test("OPS-2 can be prepared by a managed service's administrator, who is no superuser", async () => {
    await using made = await makeDatabase(server.url);
    // Roles belong to the whole server: those of other tests go first.
    await made.run(`DO $$ DECLARE role text; BEGIN
      FOR role IN SELECT rolname FROM pg_roles WHERE rolname LIKE 'cairn%' LOOP
        EXECUTE format('DROP OWNED BY %I CASCADE', role); EXECUTE format('DROP ROLE %I', role);
      END LOOP; END $$`);
    const admin = await made.makeLogin("CREATEROLE");
    await made.run(`CREATE EXTENSION vector; GRANT CREATE ON DATABASE ${made.name} TO ${admin.name}`);
    expect(await prepare(admin.url)).toEqual({ status: 0, stderr: "" });
    expect(await setPasswords(admin.url)).toEqual({ status: 0, stderr: "" });
    await migrateMemory({ url: as(made.url, "cairn_migrator", "two") });
    expect(await served(made)).toEqual([{ role: "cairn_app", n: 0 }]);
    await made.run(`DROP OWNED BY ${admin.name} CASCADE`);
    await made.run(`REASSIGN OWNED BY ${admin.name} TO CURRENT_USER`);
  });
});
