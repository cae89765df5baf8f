/**
 * A database in which two spaces have rows in every table of the schema, whatever tables it has, and accounts that can
 * do no more than act as the application.
 */
import { appRole, memorySchema } from "@cairn/store-postgres/connection/roles";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import pg from "pg";
import { insertOf, makeRows, tablesInOrder } from "./fill-tables.ts";
import { makeDatabase, type TestDatabase } from "./postgres-or-skip.ts";

export const ours = "01990000-0000-7000-8000-00000000000a";
export const theirs = "01990000-0000-7000-8000-00000000000b";
export const empty = "01990000-0000-7000-8000-00000000000c";

export interface Said {
  /** SQLSTATE; undefined when the statement ran. */
  readonly code?: string | undefined;
  readonly rows: readonly Record<string, unknown>[];
  readonly changed: number;
}

export interface Session extends AsyncDisposable {
  /** Runs one statement, or several without results, and says what became of it. */
  readonly say: (sql: string) => Promise<Said>;
  /** Runs statements of which none may fail. */
  readonly set: (...statements: readonly string[]) => Promise<void>;
  /** As `say`, and undoes what was done; inside the transaction, or in one of its own. */
  readonly tryOut: (sql: string) => Promise<Said>;
}

export interface TwoSpaces extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly tables: readonly string[];
  /** Row `n` of a space, for each table, as `INSERT`. */
  readonly rowsOf: (space: string, n: number) => Promise<ReadonlyMap<string, string>>;
  /** Of an account that is a member of the application's role. */
  readonly url: string;
  /** Signs in as that account, acting as the application. */
  readonly signIn: () => Promise<Session>;
}

const nothing = { rows: [], changed: 0 };

const sessionOf = (client: pg.Client): Session => {
  const say = async (sql: string): Promise<Said> => {
    try {
      const result: unknown = await client.query(sql);
      const last = (Array.isArray(result) ? result.at(-1) : result) as pg.QueryResult<Record<string, unknown>>;
      return { rows: last.rows, changed: last.rowCount ?? 0 };
    } catch (error) {
      return { ...nothing, code: (error as { code?: string }).code ?? String(error) };
    }
  };
  return {
    say,
    set: async (...statements) => {
      for (const sql of statements) await client.query(sql);
    },
    tryOut: async (sql) => {
      const isInside = client.getTransactionStatus() === "T";
      await client.query(isInside ? "SAVEPOINT tried" : "BEGIN");
      const said = await say(sql);
      await client.query(isInside ? "ROLLBACK TO SAVEPOINT tried; RELEASE SAVEPOINT tried" : "ROLLBACK");
      return said;
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
};

/** Tables that have one row a space. */
export const oneRow: ReadonlySet<string> = new Set(["space_state", "large_spaces"]);
/** Tables that refer to no other: their rows do not go with their space's by themselves. */
export const loose: ReadonlySet<string> = new Set(["nearest", "postings"]);

export const makeTwoSpaces = async (): Promise<TwoSpaces> => {
  const database = await makeDatabase();
  await migrateMemory({ url: database.url });
  const rowsOf = async (space: string, n: number): Promise<ReadonlyMap<string, string>> => {
    const rows = await makeRows(database, memorySchema, n, { space: `'${space}'` });
    return new Map(rows.map((row) => [row.table, insertOf(row)]));
  };
  for (const space of [ours, theirs]) {
    const first = await rowsOf(space, 1);
    // A space has one row of state, and of its move; of everything else the other has one more.
    const second = [...(await rowsOf(space, 2))].filter(([table]) => !oneRow.has(table)).map(([, sql]) => sql);
    const rows = [...first.values(), ...(space === theirs ? second : [])];
    await database.run([`SET search_path = ${memorySchema}`, ...rows].join(";"));
  }
  const { url } = await database.makeLogin(`IN ROLE ${appRole}`);
  return {
    database,
    tables: await tablesInOrder(database, memorySchema),
    rowsOf,
    url,
    signIn: async () => {
      const client = new pg.Client({
        connectionString: url,
        options: `-c role=${appRole} -c search_path=${memorySchema},pg_temp`,
      });
      await client.connect();
      return sessionOf(client);
    },
    [Symbol.asyncDispose]: database.drop,
  };
};
