/**
 * How much of what turns may lend is borrowed by those around them, which is part of a passage's mean length. It depends
 * on how long sessions are, so it is counted when the space is moved and in its maintenance, and taken to hold between.
 */
import { lendsAfter, lendsBefore } from "@cairn/memory/recall/bm25";
import { tuning } from "@cairn/memory/recall/tuning";
import type { PostgresPool } from "../../connection/pool.ts";

const distances = Array.from({ length: tuning.contextDistance }, (_, at) => at + 1);
const lent = distances
  .flatMap((k) => [
    `${lendsAfter[k]!} * coalesce(lag(head, ${k}) OVER turns, 0)`,
    `${lendsBefore[k]!} * coalesce(lead(head, ${k}) OVER turns, 0)`,
  ])
  .join(" + ");

const sql = `UPDATE large_counts SET borrowed = coalesce(b.borrowed / nullif(large_counts.head, 0), 0)
  FROM (
    SELECT kind, sum(passages * lent) AS borrowed FROM (
      SELECT kind, passages, ${lent} AS lent FROM entered WHERE space = $1 AND session > 0
      WINDOW turns AS (PARTITION BY kind, session ORDER BY position, doc)
    ) t GROUP BY kind
  ) b WHERE large_counts.space = $1 AND large_counts.kind = b.kind`;

export const countLent = (pool: PostgresPool, space: string): Promise<number> =>
  pool.transaction({ space }, (connection) => connection.change(sql, [space]));
