/** Removes a space with everything in it: a table at a time, some rows at a time, its own row last. */
import type { PostgresPool } from "../connection/pool.ts";

/** In the order in which foreign keys let go. */
const tables = [
  ["late_vectors", "seq"],
  ["awaiting_vectors", "doc"],
  ["wordless", "doc"],
  ["q8", "doc"],
  ["f32", "doc"],
  ["conflicts", "memory"],
  ["claims", "memory"],
  ["relations", "memory"],
  ["mentions", "memory"],
  ["aliases", "memory"],
  ["memory_tags", "memory"],
  ["entities", "id"],
  ["docs", "n"],
  ["memories", "row"],
  ["changes", "seq"],
  ["session_messages", "position"],
  ["session_chunks", "row"],
  ["extractions", "session"],
  ["stale_names", "id"],
  ["names", "id"],
] as const;
const removedAtOnce = 5_000;

export const dropSpace = async (pool: PostgresPool, space: string): Promise<void> => {
  for (const [table, key] of tables) {
    const sql = `DELETE FROM ${table} WHERE space = $1 AND ${key} IN (SELECT ${key} FROM ${table} WHERE space = $1 LIMIT ${removedAtOnce})`;
    while ((await pool.transaction({ space }, (connection) => connection.change(sql, [space]))) > 0);
  }
  await pool.transaction({ space }, (connection) =>
    connection.change("DELETE FROM space_state WHERE space = $1", [space]),
  );
};
