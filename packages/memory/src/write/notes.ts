/**
 * Notes of writes for the audit (TEN-8): which of them a transaction keeps, and as what. Engines write them beside the
 * rows that they tell of, so that a note is there when its write is, and only then.
 */
import { CairnError } from "@cairn/kernel/error";
import type { AuditEntry } from "../audit/audit-entry.ts";
import type { Actor, RememberOutcome } from "../space/engine.ts";

/** One of the calls whose memories are stored together. */
export interface StoredCall {
  /** How many of the memories are its own. */
  readonly count: number;
  readonly note: AuditEntry | undefined;
}

export const notesOf = ({ note }: Pick<Actor, "note">): readonly AuditEntry[] => (note === undefined ? [] : [note]);

/** `outcomes` are those of all calls, in their order. A call of which every memory was refused has written nothing. */
export const notesOfCalls = (
  calls: readonly StoredCall[],
  outcomes: readonly RememberOutcome[],
): readonly AuditEntry[] => {
  let from = 0;
  return calls.flatMap(({ count, note }) => {
    const own = outcomes.slice(from, (from += count));
    return note === undefined || own.every(({ status }) => status === "failed") ? [] : [note];
  });
};

/** As a space keeps it: the space is among those that it names. */
export const noteIn = (space: string, note: AuditEntry): AuditEntry =>
  note.spaces.includes(space) ? note : { ...note, spaces: [...note.spaces, space] };

/** Why a space is not removed yet: what was done in it would be in no audit. */
export const notesAreLeft = (): CairnError =>
  new CairnError("storage.busy", "What was done in this space is not in the audit yet; try again in a moment.", {
    retryAfterMs: 1_000,
    hint: "It can be removed once the audit has collected its notes.",
  });
