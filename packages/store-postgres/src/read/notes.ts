/** Notes of writes that wait to be collected by the audit (TEN-8). */
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { KeptNote } from "@cairn/memory/space/engine";
import type { Connection } from "../connection/pool.ts";

interface Row {
  readonly kept_at: number;
  readonly note: string;
}

/** Ids are in the order of time, so the oldest come first. */
export const keptNotes = async (connection: Connection, space: string, limit: number): Promise<readonly KeptNote[]> => {
  const rows = await connection.query<Row>(
    "SELECT n.kept_at, n.note FROM notes n WHERE n.space = $1 ORDER BY n.id LIMIT $2",
    [space, limit],
  );
  return rows.map(({ kept_at: keptAt, note }) => ({ note: JSON.parse(note) as AuditEntry, keptAt }));
};
