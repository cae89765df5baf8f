import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrateMemory } from "../migrate.ts";
import { isolationFaults } from "./isolation-faults.fixture.ts";

const describe = await postgresOrSkip();

/** Ways to break the isolation, and what must be said of each. */
const sabotages: readonly (readonly [sql: string, fault: RegExp])[] = [
  ["ALTER TABLE changes DISABLE ROW LEVEL SECURITY", /^changes does not have row-level security$/u],
  ["ALTER TABLE changes NO FORCE ROW LEVEL SECURITY", /^changes does not force/u],
  ["DROP POLICY own_space ON docs", /^docs has not exactly one policy$/u],
  ["CREATE POLICY all_of_it ON docs USING (true)", /^docs has not exactly one policy$/u],
  ["ALTER POLICY own_space ON docs WITH CHECK (true)", /^docs has a policy that is not/u],
  ["ALTER POLICY own_space ON docs TO cairn_app", /^docs has a policy that is not/u],
  ["CREATE TABLE bare (n int)", /^bare has no space/u],
  ["CREATE TABLE bare (n int PRIMARY KEY, space uuid)", /^bare_pkey is an index that does not begin/u],
  ["CREATE INDEX crossing ON docs (seq)", /^crossing is an index/u],
  ["CREATE INDEX crossing ON docs ((seq + 1), space)", /^crossing is an index/u],
  [
    "ALTER TABLE docs ADD UNIQUE (n); ALTER TABLE late_vectors ADD FOREIGN KEY (doc) REFERENCES docs (n)",
    /foreign key/u,
  ],
  ["ALTER TABLE docs OWNER TO CURRENT_USER", /^docs does not belong to the owner$/u],
  ["GRANT TRUNCATE ON docs TO cairn_app", /^docs \(TRUNCATE\) gives more/u],
  ["GRANT TRIGGER ON docs TO cairn_app", /^docs \(TRIGGER\) gives more/u],
  ["GRANT SELECT ON docs TO PUBLIC", /^docs \(SELECT\) gives more/u],
  ["GRANT SELECT ON docs TO cairn_app WITH GRANT OPTION", /^docs \(SELECT\) gives more/u],
  ["GRANT INSERT ON migrations TO cairn_app", /^migrations \(INSERT\) gives more/u],
  ["GRANT SELECT (n) ON docs TO PUBLIC", /^docs gives rights on single columns$/u],
  ["CREATE VIEW every AS SELECT * FROM docs", /^every is a view/u],
  ["CREATE MATERIALIZED VIEW every AS SELECT * FROM docs", /^every is a materialised view/u],
  ["CREATE RULE r AS ON INSERT TO docs DO ALSO SELECT 1", /^docs has a rule$/u],
  [
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    /^f\(\) is a function with its owner/u,
  ],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", /^f\(\) is a function that everybody may call$/u],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", /^f\(\) is a function without a search path/u],
  ["GRANT CREATE ON SCHEMA cairn TO cairn_app", /^cairn_app \(CREATE\) is a right/u],
  ["GRANT USAGE ON SCHEMA cairn TO PUBLIC", /^PUBLIC \(USAGE\) is a right/u],
  ["GRANT CREATE ON SCHEMA public TO PUBLIC", /^public is a schema in which the application can make things$/u],
  [
    "CREATE SCHEMA more; GRANT USAGE ON SCHEMA more TO PUBLIC",
    /^more is a schema that the application can look into$/u,
  ],
  ["ALTER ROLE cairn_app BYPASSRLS", /^cairn_app is a role that is not bound$/u],
  ["GRANT cairn_owner TO cairn_app", /^cairn_owner is a role that the application can act as$/u],
  [
    `CREATE TABLE parts (space uuid, part int, PRIMARY KEY (space, part)) PARTITION BY LIST (part);
     CREATE TABLE part_1 PARTITION OF parts FOR VALUES IN (1)`,
    /^part_1 does not have row-level security$/u,
  ],
];

describe("what the catalog says of the schema", () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await makeDatabase();
    await migrateMemory({ url: database.url });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });
  const faults = () => isolationFaults(async (sql) => (await client.query<{ fault: string }>(sql)).rows);

  test("ENG-2 every table, index, view, sequence, function, right and role keeps spaces apart", async () => {
    expect(await faults()).toEqual([]);
    const { rows } = await client.query("SELECT FROM pg_tables WHERE schemaname = 'cairn'");
    expect(rows.length).toBeGreaterThan(20);
  });

  test.for(sabotages)("ENG-2 the walk notices: %s", async ([sql, fault]) => {
    await client.query("BEGIN; SET LOCAL search_path = cairn");
    try {
      await client.query(sql);
      expect(await faults()).toContainEqual(expect.stringMatching(fault));
    } finally {
      await client.query("ROLLBACK");
    }
  });

  test("ENG-2 a function that a later step makes is nobody's to call until it is granted", async () => {
    await client.query("BEGIN; SET LOCAL search_path = cairn; SET LOCAL ROLE cairn_owner");
    try {
      await client.query("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
      const { rows } = await client.query("SELECT has_function_privilege('cairn_app', 'f()', 'EXECUTE') AS may");
      expect(rows).toEqual([{ may: false }]);
    } finally {
      await client.query("ROLLBACK");
    }
  });
});
