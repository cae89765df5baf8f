/** What automatic capture keeps, as memories to store. */
import type { Kept } from "@cairn/memory/capture/capture";
import { limits, type MemoryFields } from "@cairn/memory/memory/memory";

/** How sure automatic capture is of what it keeps: rules read words, not meaning. */
const confidence = 0.7;

export interface Said {
  readonly sessionId: string | null;
  /** Position of the turn in its session, where the client counts. */
  readonly position: number | null;
  readonly author: string | null;
  readonly at: number | null;
}

export const capturedFields = (kept: Kept, said: Said): MemoryFields => ({
  content: kept.text.slice(0, limits.contentCharacters).toWellFormed(),
  key: null,
  category: kept.category,
  entity: null,
  tags: [],
  metadata: { captured: kept.reason },
  context: null,
  author: said.author,
  sessionId: said.sessionId,
  sessionSeq: said.position,
  sourceType: "auto_capture",
  sourceUri: null,
  // What a person said in a conversation is a person's word, whoever took it down.
  trust: kept.trust,
  importance: kept.importance,
  confidence,
  occurredAt: said.at,
  validFrom: null,
  validUntil: null,
  expiresAt: null,
  decay: null,
});
