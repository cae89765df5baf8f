/** Notes of writes for the audit, kept with what they tell of (TEN-8). */
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { noteIn } from "@cairn/memory/write/notes";
import type { OpenSpace } from "../../space/open-space.ts";

/** Inside a write transaction, the last thing before its end. */
export const keepNotes = (space: OpenSpace, notes: readonly AuditEntry[], now: Millis): void => {
  for (const note of notes) {
    // A call may be several transactions, and has one note.
    space
      .write("INSERT OR IGNORE INTO notes (id, kept_at, note) VALUES (?, ?, ?)")
      .run(note.id, now, JSON.stringify(noteIn(space.id, note)));
  }
};
