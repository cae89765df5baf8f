/** Which sessions the extraction of memories has not read to their end (MEM-10). */
import type { Millis } from "@cairn/kernel/clock";
import type { ExtractionDue } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";

interface DueRow {
  readonly session: string;
  readonly position: number;
  readonly count: number;
  readonly attempts: number;
}

export const extractionsDue = (
  space: OpenSpace,
  { now, quietSince, limit }: { readonly now: Millis; readonly quietSince: Millis; readonly limit: number },
): readonly ExtractionDue[] =>
  (
    space
      .read(
        `SELECT m.session, coalesce(e.position, 0) AS position, max(m.position) + 1 AS count, coalesce(e.attempts, 0) AS attempts
         FROM session_messages m LEFT JOIN extractions e ON e.session = m.session
         WHERE coalesce(e.next_at, 0) <= @now
         GROUP BY m.session
         HAVING count > coalesce(e.position, 0)
           -- What is still being said is left until it is quiet; when it arrived counts, not what its times claim.
           AND coalesce((SELECT max(c.at) FROM changes c WHERE c.subject = m.session AND c.kind = 'session'), 0) <= @quietSince
         ORDER BY attempts, m.session LIMIT @limit`,
      )
      .all({ now, quietSince, limit }) as DueRow[]
  ).map(({ session, position, count, attempts }) => ({ sessionId: session, from: position, count, attempts }));
