/** Storing memories as a call: all of them in one transaction, or as many as can be in several. */
import type { Clock } from "@cairn/kernel/clock";
import { plainError } from "@cairn/kernel/error";
import type { Actor, RememberItem, RememberOutcome } from "@cairn/memory/space/engine";
import type { Steps } from "@cairn/memory/write/context";
import { rememberAll, rememberTogether } from "@cairn/memory/write/remember";
import type { OpenSpace } from "../space/open-space.ts";
import { transact } from "./transaction.ts";

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
      outcomes.push(...(yield* transact(space, actor, clock, (context) => rememberAll(context, some))));
    } catch (error) {
      // What earlier portions stored must be told, so that a call half done does not look like one that did nothing.
      if (from === 0) throw error;
      outcomes.push(...items.slice(from).map(() => ({ status: "failed" as const, error: plainError(error) })));
      break;
    }
  }
  return outcomes;
}
