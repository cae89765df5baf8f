/**
 * One database among those that spaces are moved between, as the mover uses it: signed in like a server, so bound by
 * row-level security to the one space that it moves. Rows cross as the database's own JSON text, which is neither read
 * nor changed on the way: what is true of them in one database is true in the other.
 */
import { randomInt } from "node:crypto";
import { CairnError } from "@cairn/kernel/error";
import { type Connection, openPool, type PostgresPool } from "../connection/pool.ts";
import { appRole, memorySchema } from "../connection/roles.ts";

/** The name of a cell in the settings; null for the default one. */
export type CellName = string | null;

export interface Cell {
  readonly name: CellName;
  readonly pool: PostgresPool;
  readonly close: () => Promise<void>;
}

export interface CellOptions {
  readonly name: CellName;
  /** `postgres://…` of an account that is a member of `cairn_app`. */
  readonly url: string;
  readonly connections?: number;
}

/** A portion is quick, but who moves a space waits longer than who asks it something. */
const statementMs = 300_000;

/** Connects when it is first used. */
export const openCell = ({ name, url, connections = 3 }: CellOptions): Cell => {
  const pool = openPool({
    url,
    role: appRole,
    searchPath: [memorySchema, "public"],
    name: "cairn mover",
    most: connections,
    statementMs,
    byIndex: true,
  });
  return { name, pool, close: pool.close };
};

export const cellLabel = (name: CellName): string => (name === null ? "the default cell" : `the cell ${name}`);

type Raw = string | number | Buffer | null;

/** Each is prepared once a connection. */
const statements = new Map<string, string>();
const statementName = (text: string): string => {
  const known = statements.get(text);
  if (known !== undefined) return known;
  const name = `m${statements.size}`;
  statements.set(text, name);
  return name;
};

/** A statement whose values and results are not put into JavaScript's terms: texts come as `bpchar`. */
export const rawQuery = async <Row extends object>(
  connection: Connection,
  text: string,
  values: readonly Raw[],
): Promise<readonly Row[]> =>
  (await connection.client.query<Row>({ name: statementName(text), text, values: [...values] })).rows;

/** Throws where the cell cannot be reached, or has no tables of Cairn. */
export const checkReachable = async ({ pool }: Cell): Promise<void> => {
  await pool.transaction({ space: null, readOnly: true }, (connection) =>
    connection.query("SELECT 1 AS one FROM migrations LIMIT 1"),
  );
};

/** Whether both are one database, whatever their addresses say: locks of one do not stand in another's way. */
const isSame = (from: Cell, to: Cell): Promise<boolean> => {
  const key = randomInt(2 ** 47);
  return from.pool.transaction({ space: null, readOnly: true }, async (connection) => {
    await connection.query("SELECT pg_advisory_xact_lock($1)", [key]);
    return to.pool.transaction({ space: null, readOnly: true }, async (other) => {
      const [row] = await other.query<{ free: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS free", [key]);
      return row?.free !== true;
    });
  });
};

/**
 * Spaces can be moved between two databases that are two, and whose tables were made by the same steps. Throws
 * config.invalid.
 */
export const checkPair = async (from: Cell, to: Cell): Promise<void> => {
  const stepsOf = ({ pool }: Cell) =>
    pool.transaction({ space: null, readOnly: true }, (connection) =>
      connection.query<{ id: number; name: string }>("SELECT id, name FROM migrations ORDER BY id"),
    );
  const [source, target] = await Promise.all([stepsOf(from), stepsOf(to)]);
  if (source.length !== target.length || source.some(({ name }, at) => target[at]?.name !== name)) {
    throw new CairnError(
      "config.invalid",
      `The tables of ${cellLabel(from.name)} and of ${cellLabel(to.name)} are of different versions.`,
      { hint: "Start a server of the newest version with all cells: it brings the tables of each up to date." },
    );
  }
  if (!(await isSame(from, to))) return;
  throw new CairnError("config.invalid", `${cellLabel(from.name)} and ${cellLabel(to.name)} are the same database.`, {
    hint: "Give each cell a database of its own in the setting `cells`.",
  });
};
