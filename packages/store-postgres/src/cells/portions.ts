/**
 * Statements about one range of a table's rows of one space, in the order of its primary key, the same for both
 * databases: what the rows hash to, the rows themselves, and making a range what it is in the other database. The space
 * is $1, the ends of the range $2 and $3, each a JSON list of the key's values as texts.
 *
 * `hash_record_extended` is stable: PostgreSQL partitions tables by it. The hashes of the rows of a range are combined
 * by exclusive or, which needs no order.
 */
import type { Connection } from "../connection/pool.ts";
import { rawQuery } from "./cell.ts";
import type { Column, Table } from "./catalog.ts";

/** Rows whose key is after `after` and not after `upTo`; null: from the first, to the last. */
export interface Interval {
  readonly after: string | null;
  readonly upTo: string | null;
}

export interface Digest {
  readonly count: number;
  readonly hash: string;
}

interface Portion extends Digest {
  /** The key of the last row; null where there is none. */
  readonly last: string | null;
  readonly bytes: number;
}

const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(", ");
const keyList = (key: readonly Column[]): string => key.map(({ name }) => `t.${name}`).join(", ");
const valueList = (key: readonly Column[], parameter: string): string =>
  key.map(({ type }, at) => `((${parameter}::text::json) ->> ${at})::${type}`).join(", ");

const rangeOf = ({ key }: Table, { after, upTo }: Interval): string => {
  const compared = (operator: string, parameter: string): string =>
    ` AND (${keyList(key)}) ${operator} (${valueList(key, parameter)})`;
  // Every parameter has its place in every statement.
  const given = " AND ($2::text IS NULL OR true) AND ($3::text IS NULL OR true)";
  return `t.space = $1::uuid${after === null ? "" : compared(">", "$2")}${upTo === null ? "" : compared("<=", "$3")}${given}`;
};

const ends = (space: string, { after, upTo }: Interval) => [space, after, upTo] as const;

/** At most `most` rows of a range, from its beginning. */
export const digestPortion = async (
  connection: Connection,
  table: Table,
  space: string,
  interval: Interval,
  most: number | null,
): Promise<Portion> => {
  const size = table.columns
    .filter((column) => column.sized)
    .map(({ name }) => `coalesce(octet_length(t.${name}), 0)`)
    .join(" + ");
  const hashed = table.columns.map((column) => `t.${column.hashed}`).join(", ");
  const sql = `
    WITH portion AS (
      SELECT ${keyList(table.key)}, hash_record_extended(ROW(${hashed}), 0) AS row_hash, ${size === "" ? "0" : size} AS row_bytes
      FROM ${table.name} t WHERE ${rangeOf(table, interval)}
      ORDER BY ${keyList(table.key)} ${most === null ? "" : `LIMIT ${most}`}
    )
    SELECT count(*)::int AS count, coalesce(bit_xor(row_hash), 0)::bpchar AS hash, coalesce(sum(row_bytes), 0)::float8 AS bytes,
      (SELECT json_build_array(${table.key.map(({ name }) => `t.${name}::text`).join(", ")})::bpchar FROM portion t
       ORDER BY ${table.key.map(({ name }) => `t.${name} DESC`).join(", ")} LIMIT 1) AS last
    FROM portion`;
  const [row] = await rawQuery<Portion>(connection, sql, ends(space, interval));
  return row!;
};

export interface Freshness {
  readonly count: number;
  /** Rows that were written by transactions which an earlier snapshot did not see. */
  readonly fresh: number;
}

/** `age`: of the oldest transaction that the earlier snapshot did not see, as `age(xid)` says now. */
export const freshRows = async (
  connection: Connection,
  table: Table,
  space: string,
  interval: Interval,
  age: number,
): Promise<Freshness> => {
  const sql = `SELECT count(*)::int AS count, (count(*) FILTER (WHERE age(t.xmin) <= $4))::int AS fresh
    FROM ${table.name} t WHERE ${rangeOf(table, interval)}`;
  const [row] = await rawQuery<Freshness>(connection, sql, [...ends(space, interval), age]);
  return row!;
};

/** The rows of a range as one JSON text. */
export const rowsOf = async (
  connection: Connection,
  table: Table,
  space: string,
  interval: Interval,
): Promise<string> => {
  const sql = `SELECT coalesce(json_agg(r), '[]')::bpchar AS rows
    FROM (SELECT ${names(table.columns)} FROM ${table.name} t WHERE ${rangeOf(table, interval)} ORDER BY ${keyList(table.key)}) r`;
  const [row] = await rawQuery<{ rows: string }>(connection, sql, ends(space, interval));
  return row!.rows;
};

const given = (table: Table, parameter: string): string =>
  `json_populate_recordset(NULL::${table.name}, convert_from(${parameter}::bytea, 'UTF8')::json)`;
const sameKey = ({ key }: Table): string => key.map(({ name }) => `r.${name} = t.${name}`).join(" AND ");

/** Removes rows of the range that are not among those of `rows`. */
export const removeOthers = (
  connection: Connection,
  table: Table,
  space: string,
  interval: Interval,
  rows: Buffer,
): Promise<unknown> =>
  rawQuery(
    connection,
    `DELETE FROM ${table.name} t WHERE ${rangeOf(table, interval)}
     AND NOT EXISTS (SELECT FROM ${given(table, "$4")} r WHERE ${sameKey(table)})`,
    [...ends(space, interval), rows],
  );

/** Removes other rows that hold what `rows` must be the only ones to hold; says whether there were any. */
export const removeRivals = async (
  connection: Connection,
  table: Table,
  space: string,
  rows: Buffer,
): Promise<boolean> => {
  let found = false;
  for (const columns of table.uniques) {
    const alike = columns.map((name) => `r.${name} = t.${name}`).join(" AND ");
    const removed = await rawQuery(
      connection,
      `DELETE FROM ${table.name} t USING ${given(table, "$2")} r
       WHERE t.space = $1::uuid AND ${alike} AND NOT (${sameKey(table)}) RETURNING 1 AS one`,
      [space, rows],
    );
    found ||= removed.length > 0;
  }
  return found;
};

/** Makes the rows what `rows` says. */
export const putRows = (connection: Connection, table: Table, rows: Buffer): Promise<unknown> => {
  const kept = new Set(["space", ...table.key.map(({ name }) => name)]);
  const changed = table.columns.filter(({ name }) => !kept.has(name)).map(({ name }) => `${name} = EXCLUDED.${name}`);
  const onConflict = changed.length === 0 ? "DO NOTHING" : `DO UPDATE SET ${changed.join(", ")}`;
  return rawQuery(
    connection,
    `INSERT INTO ${table.name} (${names(table.columns)}) SELECT ${names(table.columns)} FROM ${given(table, "$1")} r
     ON CONFLICT (space, ${names(table.key)}) ${onConflict}`,
    [rows],
  );
};
