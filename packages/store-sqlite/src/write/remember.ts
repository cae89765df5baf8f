/** Storing memories as a call: all of them in one transaction, or as many as can be in several. */
import type { Clock } from "@cairn/kernel/clock";
import { plainError } from "@cairn/kernel/error";
import type { Actor, RememberItem, RememberOutcome } from "@cairn/memory/space/engine";
import type { Steps } from "@cairn/memory/write/context";
import { notesOfCalls } from "@cairn/memory/write/notes";
import { rememberAll, rememberTogether } from "@cairn/memory/write/remember";
import type { Gathered } from "@cairn/store/threads/gather";
import type { OpenSpace } from "../space/open-space.ts";
import { transact } from "./transaction.ts";

/** Calls that came together, in one transaction. */
export const rememberGathered = (
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  { items, calls }: Gathered,
): Steps<readonly RememberOutcome[]> =>
  transact(
    space,
    actor,
    clock,
    (context) => rememberAll(context, items),
    (outcomes) => notesOfCalls(calls, outcomes),
  );

/** Items of a batch that is not atomic are committed in portions, so that no lock is held for long. */
const portion = 500;

export function* remember(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  items: readonly RememberItem[],
  atomic: boolean,
): Steps<readonly RememberOutcome[]> {
  if (atomic) return yield* transact(space, actor, clock, (context) => rememberTogether(context, items));
  const outcomes: RememberOutcome[] = [];
  for (let from = 0; from < items.length; from += portion) {
    const some = items.slice(from, from + portion);
    try {
      const calls = [{ count: some.length, note: actor.note }];
      outcomes.push(...(yield* rememberGathered(space, actor, clock, { items: some, calls })));
    } catch (error) {
      // What earlier portions stored must be told, so that a call half done does not look like one that did nothing.
      if (from === 0) throw error;
      outcomes.push(...items.slice(from).map(() => ({ status: "failed" as const, error: plainError(error) })));
      break;
    }
  }
  return outcomes;
}
