/**
 * Counts of a space, in one round trip: one pass over its live memories, one over their tags, and counts that indexes
 * answer alone.
 *
 * `bytes` is an estimate, because adding up what some hundred thousand rows take would read all of them: the sizes of
 * about `sampled` rows of each large table, evenly spread over the numbers of memories, documents and changes, times the
 * distance between them (a systematic sample; exact while there are no more rows than that). Texts and vectors that
 * serve or are being made count, messages as much as the chunks that are made of them; indexes and the small tables of
 * what memories say do not.
 */
import type { SpaceStats } from "@cairn/memory/space/engine";
import type { Connection } from "../connection/pool.ts";
import { unexpired } from "./memory-row.ts";

const sampled = 500;

const live = `m.space = $1 AND m.state = 0 AND ${unexpired("$2")}`;

const memoryCounts = `
  SELECT grouping(m.source_type, m.source_instance, m.category) AS part,
    coalesce(m.source_type, m.source_instance, m.category) AS name,
    count(*) AS count, count(m.supersedes) AS corrections, count(m.quarantine) AS quarantined
  FROM memories m WHERE ${live}
  GROUP BY GROUPING SETS ((m.source_type), (m.source_instance), (m.category), ())
  ORDER BY part, m.source_type, m.source_instance, m.category`;
/** A bit is set for what is not grouped by, the first named being the highest. */
const parts = { sourceType: 0b011, sourceInstance: 0b101, category: 0b110, all: 0b111 } as const;

const tagCounts = `
  SELECT t.tag AS name, count(*) AS count
  FROM memory_tags t JOIN memories m ON m.space = $1 AND m.row = t.memory
  WHERE t.space = $1 AND ${live} GROUP BY t.tag ORDER BY count(*) DESC, t.tag LIMIT 1000`;

const otherCounts = `
  SELECT (SELECT count(*) FROM (SELECT DISTINCT m.session FROM session_messages m WHERE m.space = $1) s) AS sessions,
    (SELECT count(*) FROM session_chunks c WHERE c.space = $1) AS "sessionChunks",
    (SELECT count(*) FROM entities e WHERE e.space = $1) AS entities,
    (SELECT count(*) FROM changes c WHERE c.space = $1) AS changes`;

/** What about `sampled` rows of a table take, times the distance between them. */
const taken = (table: string, number: string, last: string, more = ""): string => {
  const step = `greatest(1, s.${last} / ${sampled})`;
  return `(SELECT coalesce(sum(t.size), 0) FROM generate_series(1, s.${last}, ${step}) AS w (number) CROSS JOIN LATERAL (
    SELECT pg_column_size(t.*) AS size FROM ${table} t WHERE t.space = $1${more} AND t.${number} = w.number OFFSET 0
  ) t) * ${step}`;
};
const inUse = " AND t.generation IN (s.generation, s.next_generation)";

const size = `
  SELECT ${taken("memories", "row", "last_row")} + 2 * ${taken("session_chunks", "row", "last_row")}
    + ${taken("docs", "n", "last_doc")} + ${taken("q8", "doc", "last_doc", inUse)}
    + ${taken("f32", "doc", "last_doc", inUse)} + ${taken("changes", "seq", "seq")} AS bytes
  FROM space_state s WHERE s.space = $1`;

interface Counted {
  readonly name: string;
  readonly count: number;
}
interface MemoryCount extends Counted {
  readonly part: number;
  readonly corrections: number;
  readonly quarantined: number;
}
type OtherCounts = Pick<SpaceStats, "sessions" | "sessionChunks" | "entities" | "changes">;

const named = (counts: readonly Counted[]): Readonly<Record<string, number>> =>
  Object.fromEntries(counts.map(({ name, count }) => [name, count]));

export const statsOf = async (connection: Connection, space: string, now: number): Promise<SpaceStats> => {
  const [memories, tags, [others], [taken]] = await Promise.all([
    connection.query<MemoryCount>(memoryCounts, [space, now]),
    connection.query<Counted>(tagCounts, [space, now]),
    connection.query<OtherCounts>(otherCounts, [space]),
    connection.query<Pick<SpaceStats, "bytes">>(size, [space]),
  ]);
  const by = (part: number): readonly MemoryCount[] => memories.filter((one) => one.part === part);
  const [all] = by(parts.all);
  return {
    memories: all?.count ?? 0,
    bySourceType: named(by(parts.sourceType)),
    byTag: named(tags),
    byInstance: named(by(parts.sourceInstance)),
    // Memories without a category are grouped, too.
    byCategory: named(by(parts.category).filter((one) => one.name !== null)),
    corrections: all?.corrections ?? 0,
    quarantined: all?.quarantined ?? 0,
    sessions: others?.sessions ?? 0,
    sessionChunks: others?.sessionChunks ?? 0,
    entities: others?.entities ?? 0,
    changes: others?.changes ?? 0,
    bytes: taken?.bytes ?? 0,
  };
};
