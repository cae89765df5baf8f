/**
 * The progress of the extraction of memories (MEM-10). What was found in some messages and that they have been read is
 * one transaction, so that nothing is found twice whatever ends in between, and by however many servers.
 */
import type { Clock } from "@cairn/kernel/clock";
import type { Actor, ExtractionStep, RememberOutcome } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";
import { rememberAll } from "./remember.ts";
import { type Steps, transact } from "./transaction.ts";

export function* noteExtraction(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  step: ExtractionStep,
): Steps<readonly RememberOutcome[] | null> {
  const { sessionId, from, to, prompt, failed, nextAt, items } = step;
  return yield* transact(space, actor, clock, function* (context) {
    const position = space.write("SELECT position FROM extractions WHERE session = ?").pluck().get(sessionId) ?? 0;
    const held = space.write("SELECT 1 FROM session_messages WHERE session = ? LIMIT 1").get(sessionId);
    if (position !== from || held === undefined) return null;
    space
      .write(
        `INSERT INTO extractions (session, position, prompt, attempts, next_at) VALUES (@sessionId, @to, @prompt, @failed, @nextAt)
         ON CONFLICT (session) DO UPDATE SET position = @to, prompt = @prompt, next_at = @nextAt,
           attempts = CASE WHEN @failed = 1 THEN attempts + 1 ELSE 0 END`,
      )
      .run({ sessionId, to: failed ? from : to, prompt, failed: failed ? 1 : 0, nextAt });
    return failed ? [] : yield* rememberAll(context, items);
  });
}
