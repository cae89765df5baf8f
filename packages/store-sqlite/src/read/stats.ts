/** Counts of a space. */
import { statSync } from "node:fs";
import type { SpaceStats } from "@cairn/memory/space/engine";
import type { OpenSpace } from "../space/open-space.ts";

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

export const statsOf = (space: OpenSpace, now: number): SpaceStats => {
  const live = "state = 0 AND (expires_at IS NULL OR expires_at > @now)";
  const count = (sql: string): number => Number(space.read(sql).pluck().get({ now }) ?? 0);
  const grouped = (column: string): Record<string, number> =>
    Object.fromEntries(
      space
        .read(`SELECT ${column}, count(*) FROM memories WHERE ${live} AND ${column} IS NOT NULL GROUP BY 1`)
        .raw()
        .all({ now }) as [string, number][],
    );
  const byTag = space
    .read(
      `SELECT t.tag, count(*) FROM memory_tags t JOIN memories ON row = t.memory WHERE ${live} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000`,
    )
    .raw()
    .all({ now }) as [string, number][];
  return {
    memories: count(`SELECT count(*) FROM memories WHERE ${live}`),
    bySourceType: grouped("source_type"),
    byTag: Object.fromEntries(byTag),
    byInstance: grouped("source_instance"),
    byCategory: grouped("category"),
    corrections: count(`SELECT count(*) FROM memories WHERE ${live} AND supersedes IS NOT NULL`),
    quarantined: count(`SELECT count(*) FROM memories WHERE ${live} AND quarantine IS NOT NULL`),
    sessions: count("SELECT count(DISTINCT session) FROM session_messages WHERE @now = @now"),
    sessionChunks: count("SELECT count(*) FROM session_chunks WHERE @now = @now"),
    entities: count("SELECT count(*) FROM entities WHERE @now = @now"),
    changes: count("SELECT count(*) FROM changes WHERE @now = @now"),
    bytes: sizeOf(space.file) + sizeOf(`${space.file}-wal`),
  };
};
