/** What time does to a space: expired memories are deleted, deleted ones purged, old sessions dropped. */
import type { Clock, Millis } from "@cairn/kernel/clock";
import type { Actor, SweepOutcome } from "@cairn/memory/space/engine";
import { makeSlicer, type Steps, type WriteContext } from "@cairn/memory/write/context";
import { deleteMemory, purgeMemory } from "@cairn/memory/write/revise";
import type { StoredMemory } from "@cairn/memory/write/write-store";
import type { OpenSpace } from "../space/open-space.ts";
import { dropRemains } from "./change-model.ts";
import { dropSessions } from "./sessions.ts";
import { transact } from "./transaction.ts";
import { dropWords, scrub } from "./words.ts";

const portion = 500;

/** Applies `act` to the memories that `sql` names, some at a time, until there are none. */
function* eachMemory(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  sql: string,
  value: Millis,
  act: (context: WriteContext, stored: StoredMemory) => void,
): Steps<number> {
  let count = 0;
  for (;;) {
    const due = space.write(sql).pluck();
    // Looked at outside a transaction first: a sweep with nothing to do takes no lock.
    if (due.get(value, 1) === undefined) return count;
    count += yield* transact(space, actor, clock, function* (context) {
      const slice = makeSlicer();
      const ids = due.all(value, portion) as string[];
      for (const id of ids) {
        yield* slice();
        const stored = context.store.findById(id);
        if (stored !== null) act(context, stored);
      }
      return ids.length;
    });
  }
}

export function* sweep(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  options: { readonly now: Millis; readonly sessionsBefore: Millis; readonly purgeBefore: Millis },
): Steps<SweepOutcome> {
  const expired = yield* eachMemory(
    space,
    actor,
    clock,
    "SELECT id FROM memories WHERE state = 0 AND expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at, row LIMIT ?",
    options.now,
    deleteMemory,
  );
  const purged = yield* eachMemory(
    space,
    actor,
    clock,
    "SELECT id FROM memories WHERE state = 2 AND updated_at < ? ORDER BY updated_at, row LIMIT ?",
    options.purgeBefore,
    purgeMemory,
  );
  const sessions = yield* dropSessions(space, actor, clock, options.sessionsBefore);
  while (yield* dropRemains(space, actor, clock));
  // Also what a purge noted that was cut off before it came to this.
  yield* dropWords(space, actor, clock);
  yield* scrub(space, actor, clock, true);
  return { expired, purged, sessions };
}
