/** Rows of spaces, put into a fresh database by plain SQL, and the reads as the application's role asks them. */
import { newId } from "@cairn/kernel/id";
import type { SpaceReader } from "@cairn/memory/space/engine";
import pg from "pg";
import { type Connection, openPool, type PostgresPool, type Value } from "../connection/pool.ts";
import { appRole, memorySchema } from "../connection/roles.ts";
import { toPostgresText } from "../connection/text-values.ts";
import { migrateMemory } from "../migrate.ts";
import { type ReadName, reads } from "./reads.ts";

type Row = Readonly<Record<string, Value>>;
type Answer<Name extends ReadName> = Awaited<ReturnType<SpaceReader[Name]>>;

/** When every question is asked. */
export const now = 1_000_000;

export interface StoredSpace {
  readonly id: string;
  /** Adds rows, with what columns demand filled in. */
  readonly insert: (table: keyof typeof defaults, rows: readonly Row[]) => Promise<void>;
  readonly ask: <Name extends ReadName>(name: Name, ...args: Parameters<SpaceReader[Name]>) => Promise<Answer<Name>>;
  /** Runs `work` in a transaction that is bound to the space. */
  readonly look: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;
}

interface EmptyDatabase extends AsyncDisposable {
  /** Of a superuser. */
  readonly url: string;
}

export interface ReadDatabase extends AsyncDisposable {
  readonly pool: PostgresPool;
  /** Runs statements as the superuser. */
  readonly run: (sql: string) => Promise<unknown>;
  readonly makeSpace: (state?: Row) => Promise<StoredSpace>;
}

const none = Buffer.alloc(0);
const defaults = {
  space_state: { replica: "r", analyzer: "1" },
  memories: {
    state: 0,
    doc: 0,
    version: 1,
    identity: none,
    near: none,
    tags: [],
    source_instance: "laptop",
    source_type: "user_explicit",
    trust: "agent",
    confidence: 1,
    created_at: 0,
    created_by: "alice",
    updated_at: 0,
    updated_by: "alice",
    content: "",
  },
  memory_tags: {},
  docs: { seq: 1, kind: 1, version: 1, from_at: 0, entry: none },
  f32: { generation: 1, chunk: 0 },
  q8: { generation: 1, chunk: 0, scale: 1 },
  awaiting_vectors: { generation: 1, rank: 0 },
  changes: { replica: "r", clock: "c", at: 0, kind: "create", version: 1, principal: "alice", agent: "laptop" },
  entities: { type: "other" },
  aliases: {},
  mentions: {},
  relations: { type: "knows" },
  conflicts: {},
  session_messages: { role: "user", at: 0, timed: true, instance: "laptop" },
  session_chunks: { instance: "laptop", start_at: 0, end_at: 0, doc: 0 },
  extractions: { prompt: "p", attempts: 0, next_at: 0 },
} satisfies Record<string, Row>;

const written = (value: unknown): unknown => {
  if (typeof value === "string") return toPostgresText(value);
  if (Array.isArray(value)) return value.map(written);
  return value;
};

/** Makes the tables; the database goes with what is returned. */
export const openReadDatabase = async (database: EmptyDatabase): Promise<ReadDatabase> => {
  await migrateMemory({ url: database.url });
  const pool = openPool({ url: database.url, role: appRole, searchPath: [memorySchema], name: "reads", most: 2 });
  const writer = new pg.Client({ connectionString: database.url });
  await writer.connect();
  await writer.query(`SET search_path = ${memorySchema}`);
  const insertInto =
    (space: string): StoredSpace["insert"] =>
    async (table, rows) => {
      for (const row of rows) {
        const cells = Object.entries<unknown>({ ...defaults[table], space, ...row });
        const names = cells.map(([name]) => name).join(", ");
        const marks = cells.map((_, at) => `$${at + 1}`).join(", ");
        const values = cells.map(([, value]) => written(value));
        await writer.query(`INSERT INTO ${table} (${names}) VALUES (${marks})`, values);
      }
    };
  return {
    pool,
    run: (sql) => writer.query(sql),
    makeSpace: async (state = {}) => {
      const id = newId();
      const insert = insertInto(id);
      await insert("space_state", [state]);
      const look: StoredSpace["look"] = (work) => pool.transaction({ space: id, readOnly: true, snapshot: true }, work);
      return {
        id,
        insert,
        look,
        ask: (name, ...args) =>
          look((connection) => {
            // The table is typed where it is declared; here only a name and its arguments meet.
            const read = reads[name] as (...given: readonly unknown[]) => Promise<never>;
            return read(connection, id, now, ...args);
          }),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await writer.end();
      await pool.close();
      await database[Symbol.asyncDispose]();
    },
  };
};
