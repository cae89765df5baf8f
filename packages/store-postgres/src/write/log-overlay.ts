/** The log of a space as a write transaction leaves it. */
import type { LogEntry, LogStore } from "@cairn/memory/write/write-store";
import type { SpaceState } from "../read/space-state.ts";
import type { Facts } from "./facts.ts";
import type { Numbering } from "./numbering.ts";

export interface LogOverlay {
  readonly store: LogStore;
  /** By position. */
  readonly appended: ReadonlyMap<number, LogEntry>;
  readonly erased: ReadonlySet<string>;
  readonly head: () => { readonly counter: number; readonly clock: string | null };
}

const noChanges: readonly LogEntry[] = [];
const emptied = (entry: LogEntry): LogEntry => ({ ...entry, fields: null, overwrites: null });

export const makeLogOverlay = (facts: Facts, state: SpaceState, numbers: Numbering): LogOverlay => {
  const appended = new Map<number, LogEntry>();
  const bySubject = new Map<string, number[]>();
  const erased = new Set<string>();
  let head = { counter: state.counter, clock: state.clock };

  const store: LogStore = {
    logHead: () => ({ replica: state.replica, counter: state.counter, clock: state.clock ?? undefined }),
    setLogHead: (counter, clock) => void (head = { counter, clock }),
    appendChange: (change) => {
      appended.set(++numbers.seq, change);
      const positions = bySubject.get(change.subject);
      if (positions === undefined) bySubject.set(change.subject, [numbers.seq]);
      else positions.push(numbers.seq);
      return numbers.seq;
    },
    changesOf: (subject) => {
      const stored = facts.get("changes", subject, noChanges);
      const own = (bySubject.get(subject) ?? []).flatMap((seq) => appended.get(seq) ?? []);
      return [...(erased.has(subject) ? stored.map(emptied) : stored), ...own];
    },
    eraseChanges: (subject) => {
      erased.add(subject);
      for (const seq of bySubject.get(subject) ?? []) {
        const own = appended.get(seq);
        if (own !== undefined) appended.set(seq, emptied(own));
      }
    },
  };
  return { store, appended, erased, head: () => head };
};
