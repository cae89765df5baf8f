import { postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import {
  empty,
  loose,
  makeTwoSpaces,
  oneRow,
  ours,
  type Said,
  type Session,
  theirs,
  type TwoSpaces,
} from "@cairn/testing/postgres/two-spaces";
import { afterAll, beforeAll, expect, test } from "vitest";

const describe = await postgresOrSkip();

const bind = (space: string): string => `SELECT set_config('app.space', '${space}', true)`;

/** Ways to be bound to no space with rows, on the same connection as somebody who was. */
const unbound: readonly (readonly [title: string, ...statements: readonly string[]])[] = [
  ["nothing was ever bound"],
  ["in a transaction that binds nothing", "BEGIN"],
  ["the setting is empty", "SET app.space = ''"],
  ["the transaction that was bound is over", "BEGIN", bind(ours), "COMMIT"],
  ["the transaction that was bound was rolled back", "BEGIN", bind(ours), "ROLLBACK"],
  ["the next transaction after one that was bound", "BEGIN", bind(ours), "COMMIT AND CHAIN"],
  ["the savepoint that was bound was rolled back", "BEGIN", "SAVEPOINT s", bind(ours), "ROLLBACK TO SAVEPOINT s"],
  ["another space is bound", "BEGIN", bind(empty)],
  ["another space is bound over ours", "BEGIN", bind(ours), bind(empty)],
  ["another space is bound in a savepoint", "BEGIN", bind(ours), "SAVEPOINT s", bind(empty), "RELEASE SAVEPOINT s"],
  ["another space is bound for the session", `SET app.space = '${empty}'`],
  ["a look-alike is bound", `SET app.spaces = '${ours}'`, `SET app_space.app = '${ours}'`],
];

/** Ways to be bound to our space, after the other was. */
const bound: readonly (readonly [title: string, ...statements: readonly string[]])[] = [
  ["in a transaction", "BEGIN", bind(ours)],
  ["after the other space in the same transaction", "BEGIN", bind(theirs), bind(ours)],
  ["in a savepoint of the other's transaction", "BEGIN", bind(theirs), "SAVEPOINT s", bind(ours)],
  [
    "after a savepoint of the other's was rolled back",
    "BEGIN",
    bind(ours),
    "SAVEPOINT s",
    bind(theirs),
    "ROLLBACK TO s",
  ],
  ["over the other for the session", `SET app.space = '${theirs}'`, "BEGIN", bind(ours)],
  ["for the session", `SET app.space = '${ours}'`],
];

describe("rows of two spaces in every table, asked for with hand-written SQL", () => {
  let spaces: TwoSpaces;
  let ourRows: ReadonlyMap<string, string>;
  let theirRows: ReadonlyMap<string, string>;
  let newRows: ReadonlyMap<string, string>;
  beforeAll(async () => {
    spaces = await makeTwoSpaces();
    ourRows = await spaces.rowsOf(ours, 1);
    theirRows = await spaces.rowsOf(theirs, 1);
    newRows = await spaces.rowsOf(theirs, 3);
  });
  afterAll(() => spaces[Symbol.asyncDispose]());

  /** What each statement of each table said, where that is not what it must. */
  const wrong = async (
    session: Session,
    statements: (table: string) => Readonly<Record<string, (said: Said) => boolean>>,
  ): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const table of spaces.tables) {
      for (const [sql, isRight] of Object.entries(statements(table))) {
        const said = await session.tryOut(sql);
        if (!isRight(said)) found.push(`${sql} → ${said.code ?? `${said.changed} ${JSON.stringify(said.rows)}`}`);
      }
    }
    return found;
  };
  const noRow = ({ code, rows, changed }: Said): boolean => code === undefined && rows.length === 0 && changed === 0;
  const refused = ({ code }: Said): boolean => code === "42501";
  const oursAlone = ({ code, rows }: Said): boolean =>
    code === undefined && rows.length === 1 && rows.every(({ space }) => space === ours);

  test.for(unbound)("ENG-2 not one row is seen or written where %s", async ([, ...statements]) => {
    await using session = await spaces.signIn();
    await session.set(...statements);
    const found = await wrong(session, (table) => ({
      [`SELECT space FROM ${table}`]: noRow,
      [`SELECT space FROM ${table} WHERE space = '${ours}' OR true`]: noRow,
      [`SELECT space FROM ${table} FOR UPDATE`]: noRow,
      [`UPDATE ${table} SET space = space`]: noRow,
      [`DELETE FROM ${table}`]: noRow,
      [`DELETE FROM ${table} WHERE space IN ('${ours}', '${theirs}') RETURNING *`]: noRow,
      [`COPY ${table} TO STDOUT`]: noRow,
      [newRows.get(table)!]: refused,
      [`${theirRows.get(table)!} ON CONFLICT DO NOTHING`]: refused,
      [`TRUNCATE ${table} CASCADE`]: refused,
    }));
    expect(found).toEqual([]);
  });

  test("ENG-2 a space that is no space is an error, and nothing is seen", async () => {
    await using session = await spaces.signIn();
    for (const value of ["everything", "%", "*", `${ours},${theirs}`, `{${ours}}x`]) {
      await session.set(`SET app.space = '${value}'`);
      expect(await wrong(session, (table) => ({ [`SELECT * FROM ${table}`]: ({ code }) => code === "22P02" }))).toEqual(
        [],
      );
    }
  });

  test.for(bound)("ENG-2 only our rows are seen and written, bound %s", async ([, ...statements]) => {
    await using session = await spaces.signIn();
    await session.set(...statements);
    const found = await wrong(session, (table) => ({
      [`SELECT space FROM ${table}`]: oursAlone,
      [`SELECT space FROM ${table} WHERE space = '${theirs}'`]: noRow,
      [`SELECT t.space FROM ${table} t, ${table} o WHERE o.space = '${theirs}'`]: noRow,
      [`SELECT space FROM ${table} FOR UPDATE`]: oursAlone,
      [`COPY (SELECT * FROM ${table}) TO STDOUT`]: ({ code, changed }) => code === undefined && changed === 1,
      [`UPDATE ${table} SET space = space RETURNING space`]: oursAlone,
      [`UPDATE ${table} SET space = space WHERE space = '${theirs}'`]: noRow,
      [`UPDATE ${table} SET space = '${theirs}'`]: refused,
      [`DELETE FROM ${table} RETURNING space`]: oursAlone,
      [`DELETE FROM ${table} WHERE space = '${theirs}'`]: noRow,
      [newRows.get(table)!]: refused,
      [theirRows.get(table)!]: refused,
      [`${theirRows.get(table)!} ON CONFLICT DO NOTHING`]: refused,
      [`MERGE INTO ${table} t USING (SELECT 1) s ON t.space = '${theirs}' WHEN MATCHED THEN DELETE`]: noRow,
    }));
    expect(found).toEqual([]);
  });

  test("ENG-2 the owner of the tables is bound as well", async () => {
    for (const table of spaces.tables) {
      const asOwner = `SET ROLE cairn_owner; SELECT space FROM cairn.${table}`;
      expect(await spaces.database.run(asOwner), table).toEqual([]);
    }
  });

  test("ENG-2 the other's rows are still there, each of them", async () => {
    expect(spaces.tables).toContain("space_state");
    for (const table of spaces.tables) {
      const counted = await spaces.database.run(
        `SELECT count(*)::int AS n FROM cairn.${table} WHERE space = '${theirs}'`,
      );
      expect(counted, table).toEqual([{ n: oneRow.has(table) ? 1 : 2 }]);
    }
  });

  test("ENG-2 whether the other has a row cannot be told from a key that is taken, or a row that is missing", async () => {
    await using session = await spaces.signIn();
    await session.set("BEGIN", bind(ours));
    // Row 2 is in the other space alone, row 9 in none.
    const [second, ninth] = [await spaces.rowsOf(ours, 2), await spaces.rowsOf(ours, 9)];
    for (const table of spaces.tables) {
      const [here, nowhere] = [await session.tryOut(second.get(table)!), await session.tryOut(ninth.get(table)!)];
      expect([here.code, here.changed], table).toEqual([nowhere.code, nowhere.changed]);
      expect(["23503", "23505", undefined], table).toContain(here.code);
    }
    for (const [table, sql] of ourRows) expect((await session.tryOut(sql)).code, table).toMatch(/^23/u);
  });

  test("ENG-2 deleting a whole space takes none of the other's rows with it", async () => {
    await using session = await spaces.signIn();
    await session.set("BEGIN", bind(ours));
    expect((await session.say("DELETE FROM space_state")).changed).toBe(1);
    const left = (table: string) => (loose.has(table) ? oursAlone : noRow);
    expect(await wrong(session, (table) => ({ [`SELECT space FROM ${table}`]: left(table) }))).toEqual([]);
    await session.set(bind(theirs));
    const all = (said: Said): boolean => said.rows.length > 0 && said.code === undefined;
    expect(await wrong(session, (table) => ({ [`SELECT space FROM ${table}`]: all }))).toEqual([]);
    await session.set("ROLLBACK");
  });

  test("ENG-2 a statement that is prepared for one space shows another only its own", async () => {
    await using session = await spaces.signIn();
    for (const mode of ["force_generic_plan", "force_custom_plan"]) {
      await session.set(`SET plan_cache_mode = ${mode}`, "PREPARE q AS SELECT space FROM docs", "BEGIN", bind(theirs));
      expect((await session.say("EXECUTE q")).rows).toEqual([{ space: theirs }, { space: theirs }]);
      await session.set(bind(ours));
      expect((await session.say("EXECUTE q")).rows).toEqual([{ space: ours }]);
      await session.set("COMMIT");
      expect((await session.say("EXECUTE q")).rows).toEqual([]);
      await session.set("DEALLOCATE q");
    }
  });

  test("ENG-2 the application cannot become somebody else, or lift what binds it", async () => {
    await using session = await spaces.signIn();
    await session.set("BEGIN", bind(ours));
    for (const sql of [
      "SET ROLE cairn_owner",
      "SET SESSION AUTHORIZATION cairn_owner",
      "SET session_replication_role = replica",
      "ALTER TABLE docs DISABLE ROW LEVEL SECURITY",
      "ALTER TABLE docs NO FORCE ROW LEVEL SECURITY",
      "DROP POLICY own_space ON docs",
      "CREATE POLICY mine ON docs USING (true)",
      "CREATE TABLE copies (n int)",
      "CREATE TABLE public.copies (n int)",
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      "CREATE SCHEMA mine",
      "ALTER ROLE cairn_app BYPASSRLS",
      "SELECT * FROM pg_statistic",
      "SELECT pg_read_file('postgresql.conf')",
      "COPY docs TO PROGRAM 'cat'",
      "SET LOCAL row_security = off; SELECT * FROM docs",
      "INSERT INTO migrations (id, name) VALUES (99, 'x')",
    ]) {
      const { code } = await session.tryOut(sql);
      // Some are not refused by their right but because only an owner sees the object at all.
      expect(["42501", "42704"], sql).toContain(code);
    }
    // Without the right to give rights away, GRANT only warns.
    await session.set("GRANT ALL ON docs TO PUBLIC");
    expect(
      await session.say("SELECT FROM pg_class, aclexplode(relacl) a WHERE relname = 'docs' AND a.grantee = 0"),
    ).toEqual({ rows: [], changed: 0 });
    await session.set("ROLLBACK", "RESET ROLE");
    expect(await wrong(session, (table) => ({ [`SELECT space FROM ${table}`]: noRow }))).toEqual([]);
    expect((await session.tryOut("COPY docs FROM STDIN")).code).toBe("0A000");
  });

  test("ENG-2 the planner's statistics do not show values of any space", async () => {
    await spaces.database.run("ANALYZE");
    await using session = await spaces.signIn();
    await session.set("BEGIN", bind(ours));
    const { rows } = await session.say(
      "SELECT tablename FROM pg_stats WHERE schemaname = 'cairn' AND tablename <> 'migrations'",
    );
    expect(rows).toEqual([]);
  });
});
