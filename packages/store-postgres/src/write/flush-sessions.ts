/** Writes the sessions of an overlay: messages, chunks, and how far memories have been extracted. */
import { insert, type Send } from "./insert-rows.ts";
import type { Overlay } from "./overlay.ts";

export const flushSessions = (send: Send, space: string, { sessions }: Overlay): void => {
  const { messages, chunks, removed, extractions } = sessions;
  if (removed.size > 0)
    for (const table of ["session_messages", "session_chunks", "extractions"])
      send(`DELETE FROM ${table} WHERE space = $1 AND session = ANY($2::text[])`, [space, [...removed]]);
  insert(
    send,
    space,
    "session_messages",
    [
      ["session", "text"],
      ["position", "integer"],
      ["role", "text"],
      ["content", "text"],
      ["at", "bigint"],
      ["timed", "boolean"],
      ["instance", "text"],
    ],
    messages.flatMap(({ session, from, messages: list, instance }) =>
      list.map(({ role, content, at, timed }, index) => [session, from + index, role, content, at, timed, instance]),
    ),
  );
  insert(
    send,
    space,
    "session_chunks",
    [
      ["row", "bigint"],
      ["id", "text"],
      ["session", "text"],
      ["chunk", "integer"],
      ["instance", "text"],
      ["content", "text"],
      ["start_at", "bigint"],
      ["end_at", "bigint"],
      ["doc", "bigint"],
    ],
    [...chunks.values()].map(({ chunk, row, doc }) => [
      row,
      chunk.chunkId,
      chunk.sessionId,
      chunk.chunkIndex,
      chunk.instanceId,
      chunk.content,
      chunk.startTime,
      chunk.endTime,
      doc,
    ]),
    `ON CONFLICT (space, row) DO UPDATE SET instance = excluded.instance, content = excluded.content,
       start_at = excluded.start_at, end_at = excluded.end_at, doc = excluded.doc`,
  );
  insert(
    send,
    space,
    "extractions",
    [
      ["session", "text"],
      ["position", "integer"],
      ["prompt", "text"],
      ["attempts", "integer"],
      ["next_at", "bigint"],
    ],
    [...extractions].map(([session, { position, prompt, attempts, nextAt }]) => [
      session,
      position,
      prompt,
      attempts,
      nextAt,
    ]),
    `ON CONFLICT (space, session) DO UPDATE SET position = excluded.position, prompt = excluded.prompt,
       attempts = excluded.attempts, next_at = excluded.next_at`,
  );
};
