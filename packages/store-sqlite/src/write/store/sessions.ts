/** Messages and pieces of sessions, and how far extraction has read them, for the rules of writing. */
import type { ExtractionProgress, SessionStore, StoredChunk } from "@cairn/memory/write/write-store";
import { messagesOf } from "../../read/sessions.ts";
import type { OpenSpace } from "../../space/open-space.ts";

export const sessionStore = ({ write }: OpenSpace): SessionStore => ({
  messagesOf: (session) => messagesOf(write, session, 0, Number.MAX_SAFE_INTEGER),
  hasMessages: (session) =>
    write("SELECT 1 FROM session_messages WHERE session = ? LIMIT 1").get(session) !== undefined,
  appendMessages: (session, from, messages, instance) => {
    const insert = write(
      "INSERT INTO session_messages (session, position, role, content, at, timed, instance) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    for (const [index, { role, content, at, timed }] of messages.entries())
      insert.run(session, from + index, role, content, at, timed ? 1 : 0, instance);
  },
  chunksOf: (session) =>
    write("SELECT row, id, chunk, doc, content FROM session_chunks WHERE session = ? ORDER BY chunk").all(
      session,
    ) as StoredChunk[],
  putChunk: (chunk, doc) =>
    Number(
      write(
        `INSERT INTO session_chunks (id, session, chunk, instance, content, start_at, end_at, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (session, chunk) DO UPDATE SET instance = excluded.instance, content = excluded.content,
           start_at = excluded.start_at, end_at = excluded.end_at, doc = excluded.doc
         RETURNING row`,
      )
        .pluck()
        .get(
          chunk.chunkId,
          chunk.sessionId,
          chunk.chunkIndex,
          chunk.instanceId,
          chunk.content,
          chunk.startTime,
          chunk.endTime,
          doc,
        ),
    ),
  removeSession: (session) => {
    for (const table of ["session_chunks", "session_messages", "extractions"])
      write(`DELETE FROM ${table} WHERE session = ?`).run(session);
  },
  extractionOf: (session) =>
    (write("SELECT position, attempts FROM extractions WHERE session = ?").get(session) as
      | ExtractionProgress
      | undefined) ?? null,
  setExtraction: (session, { position, attempts }, prompt, nextAt) => {
    write(
      `INSERT INTO extractions (session, position, prompt, attempts, next_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (session) DO UPDATE SET position = excluded.position, prompt = excluded.prompt,
         attempts = excluded.attempts, next_at = excluded.next_at`,
    ).run(session, position, prompt, attempts, nextAt);
  },
});
