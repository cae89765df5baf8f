import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { type Postgres, startPostgres } from "@cairn/testing/postgres/start-postgres";
import { isCairnError } from "@cairn/kernel/error";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openPool } from "./connection/pool.ts";
import { migrateMemory } from "./migrate.ts";
import { allMigrations } from "./migrations/all-migrations.ts";
import { addColumn } from "./fixtures/later-steps.ts";

const describe = await postgresOrSkip("own");
const names = allMigrations.map(({ name }) => name);

describe("accounts that migrate", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const opened: TestDatabase[] = [];
  const database = async (): Promise<TestDatabase> => {
    const made = await makeDatabase(server.url);
    opened.push(made);
    return made;
  };
  // Roles belong to the whole server: each test begins without ours.
  afterEach(async () => {
    for (const made of opened.splice(0)) {
      await made.run("DROP SCHEMA IF EXISTS cairn CASCADE");
      for (const role of ["cairn_owner", "cairn_app"]) {
        await made.run(`DO $$ BEGIN
          IF to_regrole('${role}') IS NOT NULL THEN DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}; END IF;
        END $$`);
      }
      await made.drop();
    }
  });

  /** What the error tells an administrator to run. */
  const scriptFor = async (url: string): Promise<string> => {
    const error: unknown = await migrateMemory({ url }).then(
      () => "no error",
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "config.invalid" });
    const hint = isCairnError(error) ? (error.data.hint ?? "") : "";
    expect(hint).toMatch(/^An administrator must run, in the database test_\w+: /u);
    return hint.slice(hint.indexOf(": ") + 2);
  };

  const ownersOf = (made: TestDatabase) =>
    made.run("SELECT DISTINCT tableowner AS owner FROM pg_tables WHERE schemaname = 'cairn'");

  test("ENG-2 a plain account that may make roles and schemas only lacks pgvector, and says so", async () => {
    const made = await database();
    const { name, url } = await made.makeLogin("CREATEROLE");
    await made.run(`GRANT CREATE ON DATABASE ${made.name} TO ${name}`);
    const script = await scriptFor(url);
    expect(script).toBe("CREATE EXTENSION vector SCHEMA public;");
    await made.run(script);
    expect(await migrateMemory({ url })).toEqual(names);
    expect(await ownersOf(made)).toEqual([{ owner: "cairn_owner" }]);
    const roles = await made.run(
      `SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication
       FROM pg_roles WHERE rolname LIKE 'cairn%' ORDER BY 1`,
    );
    const none = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };
    expect(roles).toEqual(
      ["cairn_app", "cairn_owner"].map((rolname) => ({ rolname, ...none, rolcanlogin: false, rolreplication: false })),
    );
  });

  test("ENG-2 an account without rights names exactly what an administrator must run, and then works", async () => {
    const made = await database();
    const { url, name } = await made.makeLogin();
    const script = await scriptFor(url);
    for (const part of ["CREATE ROLE", `TO "${name}"`, "CREATE SCHEMA", "CREATE EXTENSION vector"]) {
      expect(script).toContain(part);
    }
    await made.run(script);
    expect(await migrateMemory({ url })).toEqual(names);
    const pool = openPool({ url, role: "cairn_app", name: "test", most: 1 });
    try {
      const rows = await pool.use(({ query }) =>
        query("SELECT current_user AS role, count(*) AS n FROM cairn.memories"),
      );
      expect(rows).toEqual([{ role: "cairn_app", n: 0 }]);
    } finally {
      await pool.close();
    }
  });

  test("ENG-2 an account that only serves finds that nothing is to be done, or that it may not do it", async () => {
    const made = await database();
    await migrateMemory({ url: made.url });
    const { url } = await made.makeLogin("IN ROLE cairn_app");
    expect(await migrateMemory({ url })).toEqual([]);
    const later = migrateMemory({ url, steps: [...allMigrations, addColumn] });
    await expect(later).rejects.toMatchObject({ code: "config.invalid" });
    await expect(migrateMemory({ url, steps: [] })).rejects.toMatchObject({ code: "storage.newer" });
  });

  test("ENG-2 a role of the application that row-level security does not bind is refused", async () => {
    const made = await database();
    await made.run("CREATE ROLE cairn_app BYPASSRLS");
    await expect(migrateMemory({ url: made.url })).rejects.toMatchObject({
      code: "config.invalid",
      data: { hint: expect.stringContaining("NOBYPASSRLS") },
    });
    expect(await made.run("SELECT to_regnamespace('cairn') AS schema")).toEqual([{ schema: null }]);
  });

  test("ENG-2 a schema of somebody else is left alone", async () => {
    const made = await database();
    await made.run("CREATE SCHEMA cairn");
    await expect(migrateMemory({ url: made.url })).rejects.toMatchObject({
      code: "config.invalid",
      data: { hint: expect.stringContaining('ALTER SCHEMA "cairn" OWNER TO "cairn_owner"') },
    });
  });

  test("ENG-2 a pgvector that is too old is refused with what to do", async () => {
    const made = await database();
    await made.run("CREATE EXTENSION vector; UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'");
    await expect(migrateMemory({ url: made.url })).rejects.toMatchObject({
      code: "config.invalid",
      data: { hint: expect.stringContaining("ALTER EXTENSION vector UPDATE") },
    });
  });

  test("ENG-2 a pgvector in a schema that statements do not look into is refused with what to do", async () => {
    const made = await database();
    await made.run("CREATE SCHEMA extensions; CREATE EXTENSION vector SCHEMA extensions");
    const hint = "Run: ALTER EXTENSION vector SET SCHEMA public;";
    await expect(migrateMemory({ url: made.url })).rejects.toMatchObject({ code: "config.invalid", data: { hint } });
    await made.run(hint.slice("Run: ".length));
    expect(await migrateMemory({ url: made.url })).toEqual(names);
  });

  test("ENG-2 a wrong password and a missing database are named as such", async () => {
    const made = await database();
    const { url } = await made.makeLogin();
    for (const wrong of [url.replace(":secret@", ":wrong@"), url.replace(/\/test_\w+$/u, "/nowhere")]) {
      await expect(migrateMemory({ url: wrong })).rejects.toMatchObject({ code: "config.invalid" });
    }
  });
});
