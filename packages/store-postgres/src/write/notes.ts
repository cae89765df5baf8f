/** Notes of writes for the audit (TEN-8): kept with what they tell of, and taken away when the audit has them. */
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { noteIn, notesAreLeft } from "@cairn/memory/write/notes";
import { holdFence } from "../cells/fence.ts";
import type { Connection } from "../connection/pool.ts";
import { insert } from "./insert-rows.ts";
import type { Writing } from "./run-rule.ts";

/** One statement, sent with those of the write; none where there is no note. Throws the database's errors. */
export const keepNotes = async (
  connection: Connection,
  space: string,
  notes: readonly AuditEntry[],
  now: Millis,
): Promise<void> => {
  const sent: Promise<number>[] = [];
  insert(
    (sql, values) => void sent.push(connection.change(sql, values)),
    space,
    "notes",
    [
      ["id", "text"],
      ["kept_at", "bigint"],
      ["note", "text"],
    ],
    notes.map((note) => [note.id, now, JSON.stringify(noteIn(space, note))]),
    // A call may be several transactions, and has one note.
    "ON CONFLICT DO NOTHING",
  );
  await Promise.all(sent);
};

/** Under the lock of writers, so that a move neither misses it nor finds it half done. Throws space.moved. */
export const dropNotes = async ({ pool, space }: Writing, ids: readonly string[]): Promise<number> => {
  if (ids.length === 0) return 0;
  return pool.transaction({ space }, async (connection) => {
    const held = holdFence(connection, space);
    const dropped = connection.change("DELETE FROM notes WHERE space = $1 AND id = ANY($2::text[])", [space, ids]);
    const [count] = await Promise.all([dropped, held]);
    return count;
  });
};

/** Throws storage.busy while there are notes that no audit has. */
export const checkNoNotes = async (connection: Connection, space: string): Promise<void> => {
  const [left] = await connection.query("SELECT 1 AS one FROM notes WHERE space = $1 LIMIT 1", [space]);
  if (left !== undefined) throw notesAreLeft();
};
