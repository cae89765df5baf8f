/** Changing what is stored as calls, each one transaction; a purge then leaves nothing of the text in the file. */
import type { Clock } from "@cairn/kernel/clock";
import type { Actor } from "@cairn/memory/space/engine";
import type { Steps, WriteContext } from "@cairn/memory/write/context";
import * as rules from "@cairn/memory/write/revise";
import type { OpenSpace } from "../space/open-space.ts";
import { transact } from "./transaction.ts";
import { dropWords, scrub } from "./words.ts";

/** A rule that is too short to give way, as a call. */
const asCall = <Args extends readonly unknown[], T>(rule: (context: WriteContext, ...args: Args) => T) =>
  function* (space: OpenSpace, actor: Actor, clock: Clock, ...args: Args): Steps<T> {
    return yield* transact(space, actor, clock, function* (context) {
      return rule(context, ...args);
    });
  };

export const update = asCall(rules.update);
export const correct = asCall(rules.correct);
export const release = asCall(rules.release);
export const restore = asCall(rules.restore);

const forgetOne = asCall(rules.forget);

export function* forget(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  id: string,
  options: Parameters<typeof rules.forget>[2],
): Steps<void> {
  yield* forgetOne(space, actor, clock, id, options);
  if (!options.purge) return;
  yield* dropWords(space, actor, clock);
  yield* scrub(space, actor, clock, false);
}
