/** The sessions of a space as a write transaction leaves them. */
import type { Millis } from "@cairn/kernel/clock";
import type { SessionChunk } from "@cairn/memory/recall/query";
import type { SessionMessage } from "@cairn/memory/space/engine";
import type { ExtractionProgress, SessionStore, StoredChunk } from "@cairn/memory/write/write-store";
import { type Facts, pairKey } from "./facts.ts";
import type { Numbering } from "./numbering.ts";

export interface NewMessages {
  readonly session: string;
  readonly from: number;
  readonly messages: readonly SessionMessage[];
  readonly instance: string;
}

export interface SessionOverlay {
  readonly store: SessionStore;
  readonly messages: readonly NewMessages[];
  /** Chunks as they are written, by session and number. */
  readonly chunks: ReadonlyMap<string, { readonly chunk: SessionChunk; readonly row: number; readonly doc: number }>;
  readonly removed: ReadonlySet<string>;
  readonly extractions: ReadonlyMap<string, ExtractionProgress & { readonly prompt: string; readonly nextAt: Millis }>;
}

const noMessages: readonly SessionMessage[] = [];
const noChunks: readonly StoredChunk[] = [];

/** One write touches a session once: what it has added it does not ask for again. */
export const makeSessionOverlay = (facts: Facts, numbers: Numbering): SessionOverlay => {
  const messages: NewMessages[] = [];
  const chunks = new Map<string, { chunk: SessionChunk; row: number; doc: number }>();
  const removed = new Set<string>();
  const extractions = new Map<string, ExtractionProgress & { prompt: string; nextAt: Millis }>();
  const store: SessionStore = {
    messagesOf: (session) => facts.get("messages", session, noMessages),
    hasMessages: (session) => facts.get("hasMessages", session, false),
    appendMessages: (session, from, added, instance) =>
      void messages.push({ session, from, messages: added, instance }),
    chunksOf: (session) => facts.get("chunks", session, noChunks),
    putChunk: (chunk, doc) => {
      const old = facts.get("chunks", chunk.sessionId, noChunks).find((one) => one.chunk === chunk.chunkIndex);
      const row = old?.row ?? ++numbers.row;
      chunks.set(pairKey(chunk.sessionId, chunk.chunkIndex), { chunk, row, doc });
      return row;
    },
    removeSession: (session) => void removed.add(session),
    extractionOf: (session) => facts.get("extraction", session, null),
    setExtraction: (session, progress, prompt, nextAt) =>
      void extractions.set(session, { ...progress, prompt, nextAt }),
  };
  return { store, messages, chunks, removed, extractions };
};
