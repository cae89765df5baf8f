/** Transcripts as calls: taking them in, noting what was extracted from them, and dropping the old ones. */
import type { Clock, Millis } from "@cairn/kernel/clock";
import type {
  Actor,
  ChunkVectors,
  ExtractionStep,
  IngestOutcome,
  RememberOutcome,
  SessionIngest,
} from "@cairn/memory/space/engine";
import type { Steps } from "@cairn/memory/write/context";
import * as extraction from "@cairn/memory/write/extraction";
import * as sessions from "@cairn/memory/write/sessions";
import type { OpenSpace } from "../space/open-space.ts";
import { transact } from "./transaction.ts";

export const ingestSession = (
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  ingest: SessionIngest,
  vectors: ChunkVectors,
  vectorModel?: string,
): Steps<IngestOutcome> =>
  transact(space, actor, clock, (context) => sessions.ingestSession(context, ingest, vectors, vectorModel));

export const noteExtraction = (
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  step: ExtractionStep,
): Steps<readonly RememberOutcome[] | null> =>
  transact(space, actor, clock, (context) => extraction.noteExtraction(context, step));

/**
 * Deletes sessions that neither spoke nor grew since `before`; returns how many. An old transcript that arrives today
 * is kept as long as a new one.
 */
export function* dropSessions(space: OpenSpace, actor: Actor, clock: Clock, before: Millis): Steps<number> {
  const old = space
    .write(
      `SELECT c.session FROM session_chunks c JOIN docs d ON d.n = c.doc
       GROUP BY c.session HAVING max(max(c.end_at, d.from_at)) < ? ORDER BY c.session`,
    )
    .pluck();
  // Looked at outside a transaction first: with nothing to do it takes no lock.
  if (old.get(before) === undefined) return 0;
  return yield* transact(space, actor, clock, function* (context) {
    const due = old.all(before) as string[];
    yield* sessions.dropSessions(context, due);
    return due.length;
  });
}
