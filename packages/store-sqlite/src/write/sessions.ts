/** Ingesting transcripts: new messages are appended, and only the chunks that they change are written. */
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import type { SessionChunk } from "@cairn/memory/recall/query";
import type { MessageChunk } from "@cairn/memory/session/chunk-session";
import type { Actor, ChunkVectors, IngestOutcome, SessionIngest, SessionMessage } from "@cairn/memory/space/engine";
import { chunkByRow, planIngest } from "../read/sessions.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { docKind } from "../space/space-index.ts";
import { chunkEntry, eraseDocument, insertDocument } from "./document.ts";
import { copyVectors, insertVectors } from "./document-vectors.ts";
import { makeSlicer, type Steps, transact, type WriteContext } from "./transaction.ts";
import { noteWords } from "./words.ts";

const storeMessages = (
  { space }: WriteContext,
  ingest: SessionIngest,
  fresh: readonly SessionMessage[],
  from: number,
): void => {
  const insert = space.write(
    "INSERT INTO session_messages (session, position, role, content, at, timed, instance) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  for (const [index, message] of fresh.entries()) {
    insert.run(
      ingest.sessionId,
      from + index,
      message.role,
      message.content,
      message.at,
      message.timed ? 1 : 0,
      ingest.instanceId,
    );
  }
};

interface OldChunk {
  readonly row: number;
  readonly id: string;
  readonly doc: number;
}

const storeChunk = (
  context: WriteContext,
  ingest: SessionIngest,
  chunk: MessageChunk,
  all: readonly SessionMessage[],
  seq: number,
  vectors: ChunkVectors,
  vectorModel: string | undefined,
): void => {
  const { space, names } = context;
  const old = space
    .write("SELECT row, id, doc FROM session_chunks WHERE session = ? AND chunk = ?")
    .get(ingest.sessionId, chunk.index) as OldChunk | undefined;
  const times = all.slice(chunk.first, chunk.last + 1).map((message) => message.at);
  const stored: SessionChunk = {
    chunkId: old?.id ?? newId(),
    sessionId: ingest.sessionId,
    instanceId: ingest.instanceId,
    content: chunk.content,
    startTime: Math.min(...times),
    endTime: Math.max(...times),
    chunkIndex: chunk.index,
  };
  if (old !== undefined) eraseDocument(space, old.doc, seq);
  const row = Number(
    space
      .write(
        `INSERT INTO session_chunks (id, session, chunk, instance, content, start_at, end_at, doc) VALUES (?, ?, ?, ?, ?, ?, ?, 0)
         ON CONFLICT (session, chunk) DO UPDATE SET instance = excluded.instance, content = excluded.content, start_at = excluded.start_at, end_at = excluded.end_at
         RETURNING row`,
      )
      .pluck()
      .get(
        stored.chunkId,
        stored.sessionId,
        stored.chunkIndex,
        stored.instanceId,
        stored.content,
        stored.startTime,
        stored.endTime,
      ),
  );
  const doc = insertDocument(space, {
    kind: docKind.chunk,
    owner: row,
    version: 1,
    seq,
    from: context.now,
    entry: chunkEntry(stored, row, names),
  });
  insertVectors(space, doc, docKind.chunk, {
    vectors: vectors.get(chunk.content) ?? [],
    ...(vectorModel !== undefined && { vectorModel }),
  });
  space.write("UPDATE session_chunks SET doc = ? WHERE row = ?").run(doc, row);
};

export function* ingestSession(
  space: OpenSpace,
  actor: Actor,
  clock: Clock,
  ingest: SessionIngest,
  vectors: ChunkVectors,
  vectorModel?: string,
): Steps<IngestOutcome> {
  return yield* transact(space, actor, clock, function* (context): Steps<IngestOutcome> {
    const plan = planIngest(space.write, ingest);
    if (plan.fresh.length === 0) return { status: "ingested", chunksCreated: 0, messagesProcessed: 0 };
    if (plan.chunks.some((chunk) => !vectors.has(chunk.content))) return { status: "replan" };
    const from = plan.stored.length;
    const seq = context.log.append({
      kind: "session",
      subject: ingest.sessionId,
      version: 0,
      fields: { from, count: plan.fresh.length },
      overwrites: null,
    });
    storeMessages(context, ingest, plan.fresh, from);
    const all = [...plan.stored, ...plan.fresh];
    const slice = makeSlicer();
    for (const chunk of plan.chunks) {
      yield* slice();
      storeChunk(context, ingest, chunk, all, seq, vectors, vectorModel);
    }
    return { status: "ingested", chunksCreated: plan.chunks.length, messagesProcessed: plan.fresh.length };
  });
}

/** Makes the document of a stored chunk anew, with the vectors that the old one had. */
export const reindexChunk = (context: WriteContext, row: number, seq: number): void => {
  const { space, names } = context;
  const chunk = chunkByRow(space.write, row);
  if (chunk === null) return;
  const old = Number(space.write("SELECT doc FROM session_chunks WHERE row = ?").pluck().get(row));
  const doc = insertDocument(space, {
    kind: docKind.chunk,
    owner: row,
    version: 1,
    seq,
    from: context.now,
    entry: chunkEntry(chunk, row, names),
  });
  copyVectors(space, old, doc, docKind.chunk);
  eraseDocument(space, old, seq);
  space.write("UPDATE session_chunks SET doc = ? WHERE row = ?").run(doc, row);
};

/**
 * Deletes sessions that neither spoke nor grew since `before`; returns how many. An old transcript that arrives today
 * is kept as long as a new one.
 */
export function* dropSessions(space: OpenSpace, actor: Actor, clock: Clock, before: number): Steps<number> {
  const old = space
    .write(
      `SELECT c.session FROM session_chunks c JOIN docs d ON d.n = c.doc
       GROUP BY c.session HAVING max(max(c.end_at, d.from_at)) < ?`,
    )
    .pluck();
  if (old.get(before) === undefined) return 0;
  return yield* transact(space, actor, clock, function* (context) {
    const sessions = old.all(before) as string[];
    const slice = makeSlicer();
    for (const session of sessions) {
      yield* slice();
      const seq = context.log.append({
        kind: "session",
        subject: session,
        version: 0,
        fields: { removed: true },
        overwrites: null,
      });
      const docs = space
        .write("SELECT n, entry FROM docs WHERE n IN (SELECT doc FROM session_chunks WHERE session = ?)")
        .all(session) as { n: number; entry: Uint8Array | null }[];
      noteWords(
        space,
        docs.flatMap(({ entry }) => entry ?? []),
      );
      for (const { n } of docs) eraseDocument(space, n, seq);
      space.write("DELETE FROM session_chunks WHERE session = ?").run(session);
      space.write("DELETE FROM session_messages WHERE session = ?").run(session);
      space.write("DELETE FROM extractions WHERE session = ?").run(session);
    }
    return sessions.length;
  });
}
