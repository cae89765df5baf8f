/** The `WriteStore` of the cloud engine: what is known of the space, and on top of it what the rules do. */
import type { WriteStore } from "@cairn/memory/write/write-store";
import type { SpaceState } from "../read/space-state.ts";
import { type DocumentOverlay, makeDocumentOverlay } from "./document-overlay.ts";
import type { Facts } from "./facts.ts";
import { type KnowledgeOverlay, makeKnowledgeOverlay } from "./knowledge-overlay.ts";
import { type LogOverlay, makeLogOverlay } from "./log-overlay.ts";
import { makeMemoryOverlay, type MemoryOverlay } from "./memory-overlay.ts";
import { type Numbering, numberingOf } from "./numbering.ts";
import { makeSessionOverlay, type SessionOverlay } from "./session-overlay.ts";
import { makeVectorOverlay, type VectorOverlay } from "./vector-overlay.ts";

export interface Overlay {
  readonly store: WriteStore;
  readonly numbers: Readonly<Numbering>;
  readonly memories: MemoryOverlay;
  readonly documents: DocumentOverlay;
  readonly vectors: VectorOverlay;
  readonly knowledge: KnowledgeOverlay;
  readonly log: LogOverlay;
  readonly sessions: SessionOverlay;
}

export const makeOverlay = (state: SpaceState, facts: Facts): Overlay => {
  const numbers = numberingOf(state);
  const memories = makeMemoryOverlay(facts, numbers);
  const documents = makeDocumentOverlay(facts, numbers, memories.isNew);
  const vectors = makeVectorOverlay(facts, state, numbers);
  const knowledge = makeKnowledgeOverlay(facts, memories, numbers);
  const log = makeLogOverlay(facts, state, numbers);
  const sessions = makeSessionOverlay(facts, numbers);
  const store = {
    ...memories.store,
    ...documents.store,
    ...vectors.store,
    ...knowledge.store,
    ...log.store,
    ...sessions.store,
  };
  return { store, numbers, memories, documents, vectors, knowledge, log, sessions };
};
