/** Reading memories by id, in lists, and the log. */
import type { Change } from "@cairn/memory/change/change";
import { changeOf, type StoredChange } from "@cairn/memory/change/stored-change";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import { normalizeEntity } from "@cairn/memory/entity/normalize";
import { foldAuthor } from "@cairn/memory/recall/entry";
import { type Memory, trustLevels } from "@cairn/memory/memory/memory";
import { decodeCursor, pageOf } from "@cairn/memory/space/cursor";
import type { ListQuery, Page } from "@cairn/memory/space/engine";
import { columnList, type MemoryRow, memoryOfRow } from "../space/memory-row.ts";
import type { OpenSpace } from "../space/open-space.ts";
import { chunksPerDoc } from "../space/space-index.ts";

/** The memory with this id, live or superseded (`supersededBy` then says by what), unless it has expired; else null. */
export const getMemory = (space: OpenSpace, id: string, now: number): Memory | null => {
  const row = space
    .read(
      `SELECT ${columnList} FROM memories WHERE id = ? AND state IN (0, 1) AND (expires_at IS NULL OR expires_at > ?)`,
    )
    .get(id, now) as MemoryRow | undefined;
  return row === undefined ? null : memoryOfRow(row, space.id);
};

/** WHERE conditions of a filter with their values. */
const conditionsOf = (query: ListQuery): { readonly sql: string[]; readonly values: (string | number)[] } => {
  const sql: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, ...given: (string | number)[]): void => {
    sql.push(condition);
    values.push(...given);
  };
  if (query.key !== undefined) add("key = ?", query.key);
  if (query.category !== undefined) add("category = ?", query.category);
  if (query.sessionId !== undefined) add("session_id = ?", query.sessionId);
  if (query.sourceInstance !== undefined) add("source_instance = ?", query.sourceInstance);
  if (query.author !== undefined) add("fold_author(author) = ?", foldAuthor(query.author));
  if (query.minTrust !== undefined) {
    const allowed = trustLevels.slice(0, trustLevels.indexOf(query.minTrust) + 1);
    add(`trust IN (${allowed.map(() => "?").join(", ")})`, ...allowed);
  }
  if (query.quarantined !== undefined) add(`quarantine IS ${query.quarantined ? "NOT " : ""}NULL`);
  if (query.entity !== undefined) {
    add(
      "row IN (SELECT m.memory FROM mentions m JOIN entities e ON e.id = m.entity WHERE e.norm = ?)",
      normalizeEntity(query.entity),
    );
  }
  if (query.after !== undefined) add("coalesce(occurred_at, created_at) >= ?", query.after);
  if (query.before !== undefined) add("coalesce(occurred_at, created_at) < ?", query.before);
  const tags = [...new Set(query.tags ?? [])];
  if (tags.length > 0) {
    const marks = tags.map(() => "?").join(", ");
    const least = query.tagsMode === "all" ? tags.length : 1;
    add(
      `row IN (SELECT memory FROM memory_tags WHERE tag IN (${marks}) GROUP BY memory HAVING count(*) >= ?)`,
      ...tags,
      least,
    );
  }
  return { sql, values };
};

export const listMemories = (space: OpenSpace, query: ListQuery, now: number): Page<Memory> => {
  const { sql, values } = conditionsOf(query);
  const newest = query.order !== "oldest";
  const conditions = ["state = 0", "(expires_at IS NULL OR expires_at > ?)", ...sql];
  const bound: (string | number)[] = [now, ...values];
  if (query.cursor !== undefined) {
    const cursor = decodeCursor(query.cursor);
    conditions.push(newest ? "(created_at, row) < (?, ?)" : "(created_at, row) > (?, ?)");
    bound.push(cursor.createdAt, cursor.row);
  }
  const direction = newest ? "DESC" : "ASC";
  const rows = space
    .read(
      `SELECT row, ${columnList} FROM memories WHERE ${conditions.join(" AND ")} ORDER BY created_at ${direction}, row ${direction} LIMIT ?`,
    )
    .all(...bound, query.limit + 1) as (MemoryRow & { readonly row: number })[];
  return pageOf(
    rows,
    query.limit,
    (row) => memoryOfRow(row, space.id),
    (row) => ({ createdAt: Number(row.created_at), row: row.row }),
  );
};

export const changesAfter = (space: OpenSpace, after: number, limit: number): readonly Change[] =>
  (space.read("SELECT * FROM changes WHERE seq > ? ORDER BY seq LIMIT ?").all(after, limit) as StoredChange[]).map(
    changeOf,
  );

export const vectorsOf = (space: OpenSpace, ids: readonly string[]): readonly (PassageVectors | null)[] =>
  ids.map((id) => {
    const doc = space.read("SELECT doc FROM memories WHERE id = ? AND state = 0").pluck().get(id) as number | undefined;
    if (doc === undefined) return null;
    const chunks = space
      .read("SELECT f32 FROM v WHERE id >= ? AND id < ? ORDER BY id")
      .pluck()
      .all(doc * chunksPerDoc, (doc + 1) * chunksPerDoc) as Uint8Array[];
    return chunks.length === 0 ? null : chunks.map((bytes) => new Float32Array(bytes.slice().buffer));
  });
