/** Reading sessions: messages as they were said, chunks as they are found. */
import type { SessionChunk } from "@cairn/memory/recall/query";
import type { SessionIngest, SessionMessage } from "@cairn/memory/space/engine";
import { type IngestPlan, planIngest as planChunks } from "@cairn/memory/write/sessions";
import type { StoredChunk } from "@cairn/memory/write/write-store";
import type { Statement } from "../open-database.ts";

type Prepare = (sql: string) => Statement;

interface ChunkRow {
  readonly id: string;
  readonly session: string;
  readonly chunk: number;
  readonly instance: string;
  readonly content: string;
  readonly start_at: number;
  readonly end_at: number;
}

export const chunkByRow = (prepare: Prepare, row: number): SessionChunk | null => {
  const found = prepare(
    "SELECT id, session, chunk, instance, content, start_at, end_at FROM session_chunks WHERE row = ?",
  ).get(row) as ChunkRow | undefined;
  if (found === undefined) return null;
  return {
    chunkId: found.id,
    sessionId: found.session,
    instanceId: found.instance,
    content: found.content,
    startTime: found.start_at,
    endTime: found.end_at,
    chunkIndex: found.chunk,
  };
};

export const messagesOf = (prepare: Prepare, session: string, from: number, limit: number): readonly SessionMessage[] =>
  (
    prepare(
      "SELECT role, content, at, timed FROM session_messages WHERE session = ? AND position >= ? ORDER BY position LIMIT ?",
    ).all(session, from, limit) as {
      role: string;
      content: string;
      at: number;
      timed: number;
    }[]
  ).map((row) => ({ ...row, timed: row.timed === 1 }));

const everything = Number.MAX_SAFE_INTEGER;

export const planIngest = (prepare: Prepare, ingest: SessionIngest): IngestPlan => {
  const stored = messagesOf(prepare, ingest.sessionId, 0, everything);
  const chunks = prepare("SELECT chunk, content FROM session_chunks WHERE session = ?").all(ingest.sessionId);
  return planChunks(ingest, stored, chunks as Pick<StoredChunk, "chunk" | "content">[]);
};
