/** Notes of writes that wait to be collected by the audit (TEN-8). */
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { KeptNote } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";

interface Row {
  readonly keptAt: number;
  readonly note: string;
}

/** Ids are in the order of time, so the oldest come first. */
export const keptNotes = (space: OpenSpace, limit: number): readonly KeptNote[] =>
  (space.read("SELECT kept_at AS keptAt, note FROM notes ORDER BY id LIMIT ?").all(limit) as Row[]).map(
    ({ keptAt, note }) => ({ note: JSON.parse(note) as AuditEntry, keptAt }),
  );
