/** Removes a space with everything in it: a table at a time, some rows at a time, its own row last. */
import { holdFence } from "../cells/fence.ts";
import type { Connection, PostgresPool } from "../connection/pool.ts";
import { checkNoNotes } from "./notes.ts";

/** In the order in which foreign keys let go. */
const tables = [
  "late_vectors",
  "awaiting_vectors",
  "wordless",
  "q8",
  "f32",
  "conflicts",
  "claims",
  "relations",
  "mentions",
  "aliases",
  "memory_tags",
  "entities",
  "docs",
  "memories",
  "changes",
  "session_messages",
  "session_chunks",
  "extractions",
  "stale_names",
  "names",
] as const;
const removedAtOnce = 5_000;

const lockToRemove = async (connection: Connection, space: string): Promise<void> => {
  await holdFence(connection, space);
  await checkNoNotes(connection, space);
};

/** Throws what `dropSpace` would throw before it removes anything. */
export const checkRemovable = (pool: PostgresPool, space: string): Promise<void> =>
  pool.transaction({ space }, (connection) => lockToRemove(connection, space));

/**
 * Throws space.moved where the space is not this database's to remove, storage.busy while it holds notes that no audit
 * has: before anything is removed, or in the end, when somebody has written meanwhile.
 */
export const dropSpace = async (pool: PostgresPool, space: string): Promise<void> => {
  const change = (sql: string): Promise<number> =>
    pool.transaction({ space }, async (connection) => {
      await lockToRemove(connection, space);
      return connection.change(sql, [space]);
    });
  for (const table of tables) {
    // By where the rows lie: each portion costs what it holds, not what was there.
    const sql = `DELETE FROM ${table} WHERE space = $1 AND ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE space = $1 LIMIT ${removedAtOnce}))`;
    while ((await change(sql)) > 0);
  }
  await change("DELETE FROM space_state WHERE space = $1");
};
