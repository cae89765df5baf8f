/** Appends to a space's log inside a write transaction: dots, hybrid times, and what each field overwrites. */
import { type HybridTime, makeHybridClock } from "@cairn/kernel/hybrid-clock";
import { newId } from "@cairn/kernel/id";
import type { Millis } from "@cairn/kernel/clock";
import type { ChangeKind, Dot } from "@cairn/memory/change/change";
import type { Actor } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";

export interface NewChange {
  readonly kind: ChangeKind;
  readonly subject: string;
  readonly version: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly overwrites: Readonly<Record<string, readonly Dot[]>> | null;
}

export interface LogWriter {
  /** Appends and returns the position in the log. */
  readonly append: (change: NewChange) => number;
  /** Writes the replica's counters back; once, before the commit. */
  readonly finish: () => void;
}

const metaValue = (space: OpenSpace, key: string): string | undefined =>
  space.write("SELECT value FROM meta WHERE key = ?").pluck().get(key) as string | undefined;

const setMeta = (space: OpenSpace, key: string, value: string): void => {
  space
    .write("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
    .run(key, value);
};

/** Must be called after BEGIN IMMEDIATE: the counters belong to the file, and its lock protects them. */
export const openLog = (space: OpenSpace, actor: Actor, now: Millis): LogWriter => {
  let replica = metaValue(space, "replica");
  if (replica === undefined) {
    replica = newId();
    setMeta(space, "replica", replica);
  }
  let counter = Number(metaValue(space, "counter") ?? "0");
  const clock = makeHybridClock(() => now, metaValue(space, "clock"));
  let last: HybridTime | null = null;
  const insert = space.write(
    "INSERT INTO changes (replica, counter, clock, at, kind, subject, version, principal, agent, fields, overwrites) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  return {
    append: (change) => {
      last = clock.tick();
      counter++;
      const overwrites = change.overwrites === null ? null : JSON.stringify(change.overwrites);
      return Number(
        insert.run(
          replica,
          counter,
          last,
          now,
          change.kind,
          change.subject,
          change.version,
          actor.principal,
          actor.instance,
          JSON.stringify(change.fields),
          overwrites,
        ).lastInsertRowid,
      );
    },
    finish: () => {
      if (last === null) return;
      setMeta(space, "counter", String(counter));
      setMeta(space, "clock", last);
    },
  };
};

/** For each named field, the dots of the values that a change of it now replaces. */
export const overwrittenBy = (
  space: OpenSpace,
  subject: string,
  fields: readonly string[],
): Record<string, readonly Dot[]> => {
  const rows = space
    .write("SELECT replica, counter, fields FROM changes WHERE subject = ? AND fields IS NOT NULL ORDER BY seq")
    .all(subject) as { replica: string; counter: number; fields: string }[];
  const standing: Record<string, readonly Dot[]> = {};
  for (const { replica, counter, fields: json } of rows) {
    const set = JSON.parse(json) as Record<string, unknown>;
    for (const field of fields) if (field in set) standing[field] = [{ replica, counter }];
  }
  return standing;
};
