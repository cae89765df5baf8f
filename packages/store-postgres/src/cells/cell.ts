/**
 * One database among those that spaces are moved between, as the mover uses it: signed in like a server, so bound by
 * row-level security to the one space that it moves. Rows cross as the database's own JSON text, which is neither read
 * nor changed on the way: what is true of them in one database is true in the other.
 */
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
): Promise<readonly Row[]> => (await connection.client.query<Row>({ name: statementName(text), text, values: [...values] })).rows;

/** The steps that made the schema, which must be the same in both databases. Throws config.invalid. */
export const checkSameSchema = async (from: Cell, to: Cell): Promise<void> => {
  const stepsOf = ({ pool }: Cell) =>
    pool.transaction({ space: null, readOnly: true }, (connection) =>
      connection.query<{ id: number; name: string }>("SELECT id, name FROM migrations ORDER BY id"),
    );
  const [source, target] = await Promise.all([stepsOf(from), stepsOf(to)]);
  const isSame = source.length === target.length && source.every(({ name }, at) => target[at]?.name === name);
  if (isSame) return;
  throw new CairnError(
    "config.invalid",
    `The tables of ${cellLabel(from.name)} have ${source.length} migrations, those of ${cellLabel(to.name)} ${target.length}.`,
    { hint: "Start a server of the newest version with all cells once: it brings their tables up to date." },
  );
};
