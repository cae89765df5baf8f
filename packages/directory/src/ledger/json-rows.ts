/**
 * Any number of rows as one parameter, a JSON list of objects: the statement's text is the same however many there are,
 * so that connections prepare one statement and not one for each number.
 */
import type { Access } from "../database/directory-database.ts";

/** What to select from; its alias is `item`. */
export const jsonRows = ({ sql, words }: Access, rows: readonly object[]) => {
  const json = JSON.stringify(rows);
  return words.database === "postgres"
    ? sql<{ readonly value: string }>`jsonb_array_elements(cast(${json} as jsonb))`.as("item")
    : sql<{ readonly value: string }>`json_each(${json})`.as("item");
};

export const textField = ({ sql }: Access, name: string) => sql<string>`(item.value ->> ${sql.lit(name)})`;
export const numberField = ({ sql }: Access, name: string) =>
  sql<number>`cast(item.value ->> ${sql.lit(name)} as bigint)`;
/** SQLite takes `on conflict` after a select without a condition for a part of a join. */
export const always = ({ sql }: Access) => sql<boolean>`1 = 1`;
