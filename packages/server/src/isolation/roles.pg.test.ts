/**
 * What the roles of the application can see in the database of a server with tenants, whatever the statement forgets: the
 * memories' role nothing without a space and nothing but its own with one, and nothing of who the tenants are; the
 * directory's role no memories.
 *
 * The directory itself has no row-level security: there the organisation is kept apart by its queries, which the tests
 * over HTTP try. What a statement that forgets the organisation would show there is written down here, table by table,
 * so that another table does not join them unnoticed.
 */
import { fillTenant, type MarkedTenant, seedTenant, type TenantSeed } from "@cairn/testing/tenants/marked-tenants";
import { catchMail } from "@cairn/testing/tenants/mail-catcher";
import { makeWholeServer } from "@cairn/testing/tenants/whole-server";
import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import {
  appRole,
  directoryRole,
  directorySchema,
  jobsSchema,
  memorySchema,
} from "@cairn/store-postgres/connection/roles";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

const describe = await postgresOrSkip();

/** Tables of the directory in which a statement without an organisation sees several tenants'. */
const seenByTheDirectory: ReadonlySet<string> = new Set([
  "audit_entries",
  "audit_heads",
  "grants",
  "identity_providers",
  "invitations",
  "keys",
  "limit_rates",
  "limit_usage",
  "members",
  "organisations",
  "people",
  "spaces",
  "usage_days",
]);

describe("the roles of the application on a server with tenants", () => {
  const opened = new AsyncDisposableStack();
  let database: TestDatabase;
  let url = "";
  let tenants: readonly MarkedTenant[] = [];
  let seeds: readonly TenantSeed[] = [];
  let tablesOf: (schema: string) => readonly string[] = () => [];

  beforeAll(async () => {
    database = opened.use(await makeDatabase());
    const mail = opened.use(await catchMail());
    const whole = opened.use(await makeWholeServer({ database: database.url, settings: { mail_url: mail.url } }));
    const shell = await whole.shell();
    seeds = [await seedTenant(shell), await seedTenant(shell)];
    const server = await whole.start();
    tenants = await Promise.all(seeds.map((seed) => fillTenant(server, seed)));
    await shell[Symbol.asyncDispose]();
    await server.stop();
    const rows = await database.run<{ schema: string; name: string }>(
      `SELECT schemaname AS schema, tablename AS name FROM pg_tables
       WHERE schemaname IN ('${memorySchema}', '${directorySchema}', '${jobsSchema}') ORDER BY 1, 2`,
    );
    tablesOf = (schema) => rows.filter((row) => row.schema === schema).map(({ name }) => name);
    // Notes are gone once the audit has them; what is left behind by a crash is like these.
    for (const { marker, ids } of tenants)
      await database.run(`INSERT INTO ${memorySchema}.notes (space, id, kept_at, note)
        VALUES ('${ids.homeSpace[0]}', 'n', 1, '{"of":"${marker}"}')`);
    url = (await database.makeLogin(`NOINHERIT IN ROLE ${appRole}, ${directoryRole}`)).url;
  }, 60_000);
  afterAll(() => opened.disposeAsync(), 30_000);

  /** A connection of the server's account that acts as one of its roles. */
  const actAs = async (role: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`SET ROLE ${role}`);
    return {
      /** Rows as text, or the code of the refusal; nothing stays. */
      tryOut: async (sql: string, before = "SELECT 1"): Promise<readonly string[] | string> => {
        await client.query("BEGIN");
        try {
          await client.query(before);
          const { rows } = await client.query<{ row: string }>(sql);
          return rows.map(({ row }) => row);
        } catch (error) {
          return (error as { readonly code: string }).code;
        } finally {
          await client.query("ROLLBACK");
        }
      },
      [Symbol.asyncDispose]: () => client.end(),
    };
  };
  const all = (schema: string, table: string): string => `SELECT t::text AS row FROM ${schema}.${table} t`;
  const markersIn = (rows: readonly string[] | string): readonly string[] =>
    tenants.map(({ marker }) => marker).filter((marker) => JSON.stringify(rows).includes(marker));
  const denied = "42501";

  test("ENG-2 the memories' role sees no row of any tenant in any table without a space, notes among them", async () => {
    await using session = await actAs(appRole);
    expect(tablesOf(memorySchema)).toContain("notes");
    for (const table of tablesOf(memorySchema).filter((name) => name !== "migrations"))
      expect(await session.tryOut(all(memorySchema, table)), table).toEqual([]);
  });

  test("ENG-2 bound to a tenant's space it sees that tenant's rows, in no table another's", async () => {
    await using session = await actAs(appRole);
    const seen = new Set<string>();
    for (const { marker, ids } of tenants) {
      const bind = `SELECT set_config('app.space', '${ids.homeSpace[0]}', true)`;
      for (const table of tablesOf(memorySchema)) {
        const rows = await session.tryOut(all(memorySchema, table), bind);
        const found = markersIn(rows);
        expect(
          found.filter((one) => one !== marker),
          table,
        ).toEqual([]);
        if (found.length > 0) seen.add(table);
      }
    }
    // The memories, their search, the notes: it was not for want of rows.
    expect([...seen]).toEqual(expect.arrayContaining(["notes"]));
    expect(seen.size).toBeGreaterThan(4);
  });

  test("ENG-2 it writes nothing into another tenant's space", async () => {
    await using session = await actAs(appRole);
    const [own, other] = tenants.map(({ ids }) => ids.homeSpace[0] ?? "");
    const bind = `SELECT set_config('app.space', '${own}', true)`;
    const note = `INSERT INTO ${memorySchema}.notes (space, id, kept_at, note) VALUES ('${other}', 'm', 1, '{}') RETURNING id AS row`;
    expect(await session.tryOut(note, bind)).toBe(denied);
    for (const table of tablesOf(memorySchema).filter((name) => name !== "migrations")) {
      const gone = `DELETE FROM ${memorySchema}.${table} WHERE space = '${other}' RETURNING space::text AS row`;
      expect(await session.tryOut(gone, bind), table).toEqual([]);
    }
  });

  test("TEN-1 it cannot look into the directory or the queue of jobs, nor the directory's role into memories", async () => {
    await using memories = await actAs(appRole);
    for (const schema of [directorySchema, jobsSchema])
      for (const table of tablesOf(schema)) expect(await memories.tryOut(all(schema, table)), table).toBe(denied);
    await using directory = await actAs(directoryRole);
    for (const schema of [memorySchema, jobsSchema])
      for (const table of tablesOf(schema)) expect(await directory.tryOut(all(schema, table)), table).toBe(denied);
  });

  test("TEN-1 what a statement of the directory's role that forgets the organisation would show is what is written down", async () => {
    await using session = await actAs(directoryRole);
    const several: string[] = [];
    for (const table of tablesOf(directorySchema)) {
      const rows = await session.tryOut(all(directorySchema, table));
      const shown = JSON.stringify(rows);
      if (tenants.every(({ marker, organisation }) => shown.includes(marker) || shown.includes(organisation)))
        several.push(table);
    }
    expect(several.filter((table) => !seenByTheDirectory.has(table))).toEqual([]);
    expect(several).toEqual(expect.arrayContaining(["members", "keys", "audit_entries"]));
  });

  test("TEN-2 nothing in it can be used as a credential", async () => {
    await using session = await actAs(directoryRole);
    const secrets = [
      ...tenants.flatMap(({ credentials }) => Object.values(credentials)),
      ...seeds.map(({ token }) => token),
    ];
    for (const table of tablesOf(directorySchema)) {
      const rows = JSON.stringify(await session.tryOut(all(directorySchema, table)));
      for (const secret of secrets) expect(rows.includes(secret.slice(-40)), table).toBe(false);
    }
  });

  test("TEN-8 the directory's role cannot rewrite what was recorded, nor make or lift anything", async () => {
    await using session = await actAs(directoryRole);
    for (const sql of [
      `UPDATE ${directorySchema}.audit_entries SET outcome = 'ok'`,
      `DELETE FROM ${directorySchema}.audit_entries`,
      `DELETE FROM ${directorySchema}.audit_heads`,
      `TRUNCATE ${directorySchema}.members`,
      `ALTER TABLE ${directorySchema}.audit_entries DISABLE TRIGGER ALL`,
      `CREATE TABLE ${directorySchema}.copies (n int)`,
      `CREATE TABLE public.copies (n int)`,
      "SET ROLE cairn_owner",
      "COPY (SELECT 1) TO PROGRAM 'cat'",
    ])
      expect(await session.tryOut(sql), sql).toBe(denied);
  });
});
