/** Reading sessions: messages as they were said, chunks as they are found, and which are not extracted yet (MEM-10). */
import type { Millis } from "@cairn/kernel/clock";
import type { SessionChunk } from "@cairn/memory/recall/query";
import type { ExtractionDue, SessionIngest, SessionMessage } from "@cairn/memory/space/engine";
import { type IngestPlan, planIngest as planChunks } from "@cairn/memory/write/sessions";
import type { Connection } from "../connection/pool.ts";

type ChunkRow = SessionChunk & { readonly row: number };

/** Chunks of sessions by row. */
export const chunksByRows = async (
  connection: Connection,
  space: string,
  rows: readonly number[],
): Promise<ReadonlyMap<number, SessionChunk>> => {
  const found = await connection.query<ChunkRow>(
    `SELECT c.row, c.id AS "chunkId", c.session AS "sessionId", c.instance AS "instanceId", c.content,
       c.start_at AS "startTime", c.end_at AS "endTime", c.chunk AS "chunkIndex"
     FROM unnest($2::bigint[]) AS w (row)
     CROSS JOIN LATERAL (SELECT * FROM session_chunks c WHERE c.space = $1 AND c.row = w.row LIMIT 1) c`,
    [space, rows],
  );
  return new Map(found.map(({ row, ...chunk }) => [row, chunk] as const));
};

export const messagesOf = (
  connection: Connection,
  space: string,
  session: string,
  from: number,
  limit: number,
): Promise<readonly SessionMessage[]> =>
  connection.query<SessionMessage>(
    `SELECT m.role, m.content, m.at, m.timed FROM session_messages m
     WHERE m.space = $1 AND m.session = $2 AND m.position >= $3::bigint ORDER BY m.position LIMIT $4`,
    [space, session, from, limit],
  );

const everything = Number.MAX_SAFE_INTEGER;

export const planIngest = async (connection: Connection, space: string, ingest: SessionIngest): Promise<IngestPlan> => {
  const [stored, chunks] = await Promise.all([
    messagesOf(connection, space, ingest.sessionId, 0, everything),
    connection.query<{ readonly chunk: number; readonly content: string }>(
      "SELECT c.chunk, c.content FROM session_chunks c WHERE c.space = $1 AND c.session = $2",
      [space, ingest.sessionId],
    ),
  ]);
  return planChunks(ingest, stored, chunks);
};

export const extractionsDue = (
  connection: Connection,
  space: string,
  { now, quietSince, limit }: { readonly now: Millis; readonly quietSince: Millis; readonly limit: number },
): Promise<readonly ExtractionDue[]> =>
  connection.query<ExtractionDue>(
    `SELECT s.session AS "sessionId", coalesce(e.position, 0) AS "from", s.count, coalesce(e.attempts, 0) AS attempts
     FROM (
       SELECT m.session, max(m.position) + 1 AS count FROM session_messages m WHERE m.space = $1 GROUP BY m.session
     ) s
     LEFT JOIN extractions e ON e.space = $1 AND e.session = s.session
     WHERE coalesce(e.next_at, 0) <= $2 AND s.count > coalesce(e.position, 0)
       -- What is still being said is left until it is quiet; when it arrived counts, not what its times claim.
       AND coalesce((
         SELECT max(c.at) FROM changes c WHERE c.space = $1 AND c.subject = s.session AND c.kind = 'session'
       ), 0) <= $3
     ORDER BY attempts, s.session LIMIT $4`,
    [space, now, quietSince, limit],
  );
