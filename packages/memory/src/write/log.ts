/** Appends to a space's log inside a write transaction: dots, hybrid times, and what each field overwrites. */
import { type HybridTime, makeHybridClock } from "@cairn/kernel/hybrid-clock";
import type { Millis } from "@cairn/kernel/clock";
import type { ChangeKind, Dot } from "../change/change.ts";
import type { Actor } from "../space/engine.ts";
import type { LogStore } from "./write-store.ts";

export interface NewChange {
  readonly kind: ChangeKind;
  readonly subject: string;
  readonly version: number;
  /** Null for what was purged. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly overwrites: Readonly<Record<string, readonly Dot[]>> | null;
}

export interface LogWriter {
  /** Appends and returns the position in the log. */
  readonly append: (change: NewChange) => number;
  /** Writes the log's head back; once, before the commit. */
  readonly finish: () => void;
}

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** Begin under the space's lock: the head belongs to the space, and the lock protects it. */
export const openLog = (store: LogStore, actor: Actor, now: Millis): LogWriter => {
  const { replica, counter: first, clock: reached } = store.logHead();
  const clock = makeHybridClock(() => now, reached);
  let counter = first;
  let last: HybridTime | null = null;
  return {
    append: ({ kind, subject, version, fields, overwrites }) => {
      last = clock.tick();
      counter++;
      return store.appendChange({
        replica,
        counter,
        clock: last,
        at: now,
        kind,
        subject,
        version,
        principal: actor.principal,
        agent: actor.instance,
        fields: json(fields),
        overwrites: json(overwrites),
      });
    },
    finish: () => {
      if (last !== null) store.setLogHead(counter, last);
    },
  };
};

/** For each named field, the dots of the values that a change of it now replaces. */
export const overwrittenBy = (
  store: LogStore,
  subject: string,
  fields: readonly string[],
): Record<string, readonly Dot[]> => {
  const standing: Record<string, readonly Dot[]> = {};
  for (const { replica, counter, fields: text } of store.changesOf(subject)) {
    if (text === null) continue;
    const set = JSON.parse(text) as Record<string, unknown>;
    for (const field of fields) if (field in set) standing[field] = [{ replica, counter }];
  }
  return standing;
};
