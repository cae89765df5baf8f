/**
 * The progress of the extraction of memories (MEM-10). What was found in some messages and that they have been read is
 * one transaction, so that nothing is found twice whatever ends in between, and by however many servers.
 */
import type { ExtractionStep, RememberOutcome } from "../space/engine.ts";
import type { Steps, WriteContext } from "./context.ts";
import { rememberAll } from "./remember.ts";

export function* noteExtraction(
  context: WriteContext,
  { sessionId, from, to, prompt, failed, nextAt, items }: ExtractionStep,
): Steps<readonly RememberOutcome[] | null> {
  const { store } = context;
  const { position, attempts } = store.extractionOf(sessionId) ?? { position: 0, attempts: 0 };
  if (position !== from || !store.hasMessages(sessionId)) return null;
  const progress = failed ? { position: from, attempts: attempts + 1 } : { position: to, attempts: 0 };
  store.setExtraction(sessionId, progress, prompt, nextAt);
  return failed ? [] : yield* rememberAll(context, items);
}
