/**
 * Notes of writes (`Actor.note`) from their spaces to the audit's chains. A write leaves its note in its own transaction;
 * a moment later the chain has the call's full record, and the note is dropped. Where a server died in between the note
 * stays, and is appended in the record's stead: the chain has every id once, so either may come first.
 */
import type { LedgerDirectory } from "@cairn/directory/ledger/ledger-directory";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import type { Clock, Millis } from "@cairn/kernel/clock";
import { isCairnError } from "@cairn/kernel/error";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Engine } from "@cairn/memory/space/engine";

export interface NoteCollectorOptions {
  readonly engine: Engine;
  readonly ledger: Pick<LedgerDirectory, "append">;
  readonly directory: Pick<SpaceDirectory, "resolve" | "list">;
  readonly clock: Clock;
  /** Recorded as the agent that drops notes. */
  readonly instance: string;
  readonly failed: (error: unknown) => void;
}

export interface NoteCollector {
  /** These are in their chains: their notes can go. */
  readonly settled: (entries: readonly AuditEntry[]) => void;
  /** Drops the notes of what was settled, a space at a time. */
  readonly drop: () => Promise<void>;
  /** Appends and drops the notes of a space that were left before `before`; how many. */
  readonly collect: (space: string, before?: Millis) => Promise<number>;
  /** Notes that were left over in the spaces of an organisation; not again before some minutes have gone by. */
  readonly collectOf: (organisation: string) => Promise<void>;
  readonly figures: () => { readonly notesToDrop: number; readonly notesCollected: number };
}

/** A call that lives has its record in the chain by then. */
export const leftOverMs = 30_000;
const collectAgainMs = 600_000;
const portion = 500;
/** Ids that are remembered to be dropped; the walk over all spaces finds those beyond. */
const mostPending = 50_000;
const atOnce = 4;

export const makeNoteCollector = ({
  engine,
  ledger,
  directory,
  clock,
  instance,
  failed,
}: NoteCollectorOptions): NoteCollector => {
  const actor = { principal: "cairn", instance };
  const pending = new Map<string, Set<string>>();
  const collectedAt = new Map<string, Millis>();
  let waiting = 0;
  let collected = 0;

  /** Asking about a space that is gone would make its file anew. */
  const isThere = async (space: string): Promise<boolean> => (await directory.resolve(space)) !== null;

  const collect = async (space: string, before: Millis = Number.POSITIVE_INFINITY): Promise<number> => {
    let found = 0;
    for (;;) {
      const all = await engine.read(space).notes(portion);
      const notes = all.filter(({ keptAt }) => keptAt < before).map(({ note }) => note);
      if (notes.length === 0) return found;
      await ledger.append(notes);
      await engine.write(space, actor).dropNotes(notes.map(({ id }) => id));
      found += notes.length;
      collected += notes.length;
      if (all.length < portion) return found;
    }
  };

  return {
    settled: (entries) => {
      for (const { id, kind, outcome, spaces } of entries) {
        // What was refused wrote nothing; what failed may have written a part.
        if ((kind !== "write" && kind !== "administrate") || outcome === "denied") continue;
        for (const space of spaces) {
          if (waiting >= mostPending) return;
          const ids = pending.get(space) ?? new Set();
          if (!ids.has(id)) waiting += 1;
          ids.add(id);
          pending.set(space, ids);
        }
      }
    },
    drop: async () => {
      for (const [space, ids] of Array.from(pending)) {
        pending.delete(space);
        waiting -= ids.size;
        try {
          if (await isThere(space)) await engine.write(space, actor).dropNotes([...ids]);
        } catch (error) {
          // The walk over all spaces drops them later. A space that is removed meanwhile has none.
          if (!isCairnError(error) || error.code !== "space.not_found") failed(error);
        }
      }
    },
    collect,
    collectOf: async (organisation) => {
      const now = clock();
      const last = collectedAt.get(organisation);
      if (last !== undefined && Math.abs(now - last) < collectAgainMs) return;
      if (collectedAt.size > 10_000) collectedAt.clear();
      const spaces = (await directory.list(organisation)).map(({ id }) => id);
      const next = spaces.values();
      const work = async (): Promise<void> => {
        // One that cannot be read now keeps its notes for the next time, and the others are not held up.
        for (const space of next) await collect(space, now - leftOverMs).catch(failed);
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      collectedAt.set(organisation, now);
    },
    figures: () => ({ notesToDrop: waiting, notesCollected: collected }),
  };
};

const attempts = 5;

/** The engine whose spaces can be removed: what was done in one is in the audit before it goes. */
export const collectingEngine = (engine: Engine, collect: NoteCollector["collect"]): Engine => ({
  ...engine,
  drop: async (space) => {
    for (let left = attempts; ; left -= 1) {
      // What never was made, or went before, has no notes.
      await collect(space).catch((error: unknown) => {
        if (!isCairnError(error) || error.code !== "space.not_found") throw error;
      });
      try {
        await engine.drop(space);
        return;
      } catch (error) {
        // Somebody wrote in between.
        const again = isCairnError(error) && error.code === "storage.busy" && left > 1;
        if (!again) throw error;
      }
    }
  },
});
