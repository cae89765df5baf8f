/**
 * Whether, after a crash, every change has the note of the call that made it and every note its change (TEN-8). A change
 * tells its call by its agent, which is the note's id where the writer was marked so, and by its subject, which the note
 * names, where many calls had one writer.
 */
import type { Actor, Engine } from "@cairn/memory/space/engine";
import { makeNote } from "../audit-note.ts";
import { alice } from "../engine/world.ts";

/** A writer whose changes name its note. */
export const markedActor = (): Actor => {
  const note = makeNote();
  return { ...alice, instance: note.id, note };
};

/** Changes without a note and notes without a change, in words; empty when there are none. Of noted writes alone. */
export const findUnnoted = async (engine: Engine, space: string): Promise<readonly string[]> => {
  const reader = engine.read(space);
  const notes = await reader.notes(1_000_000);
  const calls = new Set(notes.flatMap(({ note }) => [note.id, ...note.subjects]));
  const changes = await reader.changes(0, 1_000_000);
  const traces = new Set(changes.flatMap(({ agent, subject }) => [agent, subject]));
  return [
    ...changes.flatMap(({ seq, agent, subject }) =>
      calls.has(agent === alice.instance ? subject : agent) ? [] : [`${space}: change ${seq} has no note`],
    ),
    ...notes.flatMap(({ note }) =>
      [note.id, ...note.subjects].some((trace) => traces.has(trace)) ? [] : [`${space}: note ${note.id} has no change`],
    ),
  ];
};
