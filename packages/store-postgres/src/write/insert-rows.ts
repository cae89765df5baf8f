/** Many rows in one statement. */
import type { Value } from "../connection/pool.ts";

export type Send = (sql: string, values: readonly Value[]) => void;
export type Column = readonly [name: string, type: string];

/** `INSERT … SELECT FROM unnest(…)` of rows given as arrays of values. */
export const insert = (
  send: Send,
  space: string,
  table: string,
  columns: readonly Column[],
  rows: readonly (readonly Value[])[],
  onConflict = "",
): void => {
  if (rows.length === 0) return;
  const names = columns.map(([name]) => name).join(", ");
  // A list within a list is no rectangle in PostgreSQL: it goes as the text of one.
  const given = columns.map(([, type], at) => `$${at + 2}::${type === "text[]" ? "text" : type}[]`).join(", ");
  const taken = columns.map(([name, type]) => (type === "text[]" || type === "integer[]" ? `${name}::${type}` : name));
  send(
    `INSERT INTO ${table} (space, ${names}) SELECT $1, ${taken.join(", ")} FROM unnest(${given.replaceAll("integer[][]", "text[]")}) AS new (${names}) ${onConflict}`,
    [space, ...columns.map((_, at) => rows.map((row) => row[at] as string))],
  );
};
