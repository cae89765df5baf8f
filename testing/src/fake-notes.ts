/** The notes of the fake engine's writes: kept when the write has been done (TEN-8). */
import type { Clock } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Actor, RememberOutcome, SpaceWriter } from "@cairn/memory/space/engine";
import { noteIn, notesOf, notesOfCalls } from "@cairn/memory/write/notes";
import type { Space } from "./fake-space.ts";

type Write = (...args: readonly unknown[]) => Promise<unknown>;

export const keepingNotes = (
  id: string,
  space: Space,
  actor: Actor,
  clock: Clock,
  writer: Omit<SpaceWriter, "dropNotes">,
): SpaceWriter => {
  const keep = (notes: readonly AuditEntry[]): void => {
    for (const note of notes) {
      if (!space.notes.has(note.id)) space.notes.set(note.id, { note: noteIn(id, note), keptAt: clock() });
    }
  };
  const noted = Object.fromEntries(
    Object.entries(writer as unknown as Readonly<Record<string, Write>>).map(([name, write]) => [
      name,
      async (...args: readonly unknown[]) => {
        const result = await write(...args);
        const outcomes = name === "remember" ? (result as readonly RememberOutcome[]) : null;
        keep(
          outcomes === null ? notesOf(actor) : notesOfCalls([{ count: outcomes.length, note: actor.note }], outcomes),
        );
        return result;
      },
    ]),
  ) as unknown as Omit<SpaceWriter, "dropNotes">;
  return { ...noted, dropNotes: async (ids) => ids.filter((one) => space.notes.delete(one)).length };
};
