/** Ingesting transcripts: new messages are appended, and only the chunks that they change are written. */
import type { SessionChunk } from "../recall/query.ts";
import { chunkSession, type MessageChunk, newMessages } from "../session/chunk-session.ts";
import type { ChunkVectors, IngestOutcome, SessionIngest, SessionMessage } from "../space/engine.ts";
import { makeSlicer, type Steps, type WriteContext } from "./context.ts";
import { checkAnnounced, chunkEntry, eraseDocument } from "./document.ts";
import { insertVectors } from "./document-vectors.ts";
import { docKind, type StoredChunk } from "./write-store.ts";

export interface IngestPlan {
  readonly fresh: readonly SessionMessage[];
  /** Chunks that are not stored yet, or stored with less in them. */
  readonly chunks: readonly MessageChunk[];
}

/** What ingesting these messages would add to a session that holds `stored` in `chunks`. */
export const planIngest = (
  { messages }: SessionIngest,
  stored: readonly SessionMessage[],
  chunks: readonly Pick<StoredChunk, "chunk" | "content">[],
): IngestPlan => {
  const fresh = newMessages(stored, messages);
  if (fresh.length === 0) return { fresh, chunks: [] };
  const known = new Map(chunks.map(({ chunk, content }) => [chunk, content] as const));
  const all = chunkSession([...stored, ...fresh]);
  return { fresh, chunks: all.filter((chunk) => known.get(chunk.index) !== chunk.content) };
};

interface Ingesting {
  readonly ingest: SessionIngest;
  /** All messages of the session, the new ones included. */
  readonly messages: readonly SessionMessage[];
  readonly seq: number;
  readonly vectors: ChunkVectors;
  readonly vectorModel: string | undefined;
}

const storeChunk = (
  context: WriteContext,
  { ingest, messages, seq, vectors, vectorModel }: Ingesting,
  chunk: MessageChunk,
  old: StoredChunk | undefined,
): void => {
  const { store } = context;
  const times = messages.slice(chunk.first, chunk.last + 1).map((message) => message.at);
  const stored: SessionChunk = {
    chunkId: old?.id ?? context.newId(),
    sessionId: ingest.sessionId,
    instanceId: ingest.instanceId,
    content: chunk.content,
    startTime: Math.min(...times),
    endTime: Math.max(...times),
    chunkIndex: chunk.index,
  };
  if (old !== undefined) eraseDocument(store, old.doc, seq);
  const expected = store.nextDocument();
  const row = store.putChunk(stored, expected);
  const entry = chunkEntry(stored, row, store);
  const doc = store.insertDocument({ kind: docKind.chunk, owner: row, version: 1, seq, from: context.now, entry });
  checkAnnounced(doc, expected);
  insertVectors(context, doc, docKind.chunk, {
    vectors: vectors.get(chunk.content) ?? [],
    ...(vectorModel !== undefined && { vectorModel }),
  });
};

export function* ingestSession(
  context: WriteContext,
  ingest: SessionIngest,
  vectors: ChunkVectors,
  vectorModel: string | undefined,
): Steps<IngestOutcome> {
  const { store } = context;
  const { sessionId, instanceId } = ingest;
  const stored = store.messagesOf(sessionId);
  const known = store.chunksOf(sessionId);
  const plan = planIngest(ingest, stored, known);
  if (plan.fresh.length === 0) return { status: "ingested", chunksCreated: 0, messagesProcessed: 0 };
  if (plan.chunks.some((chunk) => !vectors.has(chunk.content))) return { status: "replan" };
  const from = stored.length;
  const fields = { from, count: plan.fresh.length };
  const seq = context.log.append({ kind: "session", subject: sessionId, version: 0, fields, overwrites: null });
  store.appendMessages(sessionId, from, plan.fresh, instanceId);
  const ingesting = { ingest, messages: [...stored, ...plan.fresh], seq, vectors, vectorModel };
  const slice = makeSlicer();
  for (const chunk of plan.chunks) {
    yield* slice();
    storeChunk(
      context,
      ingesting,
      chunk,
      known.find((one) => one.chunk === chunk.index),
    );
  }
  return { status: "ingested", chunksCreated: plan.chunks.length, messagesProcessed: plan.fresh.length };
}

/** Deletes whole sessions with everything in them. */
export function* dropSessions(context: WriteContext, sessions: readonly string[]): Steps<void> {
  const { store } = context;
  const slice = makeSlicer();
  for (const session of sessions) {
    yield* slice();
    const fields = { removed: true };
    const seq = context.log.append({ kind: "session", subject: session, version: 0, fields, overwrites: null });
    const docs = store.chunksOf(session).flatMap(({ row }) => store.documentsOf(row, docKind.chunk));
    store.noteErased(docs.flatMap(({ entry }) => entry ?? []));
    for (const { n, entry } of docs) if (entry !== null) eraseDocument(store, n, seq);
    store.removeSession(session);
  }
}
