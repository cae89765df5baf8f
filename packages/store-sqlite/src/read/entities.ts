/** Entities: who and what memories name, and how they hang together. Neighbours within N hops come in one query. */
import { normalizeEntity } from "@cairn/memory/entity/normalize";
import type { Memory } from "@cairn/memory/memory/memory";
import type { EntityGraph, EntityNode } from "@cairn/memory/space/engine";
import { columnList, type MemoryRow, memoryOfRow } from "../space/memory-row.ts";
import type { OpenSpace } from "../space/open-space.ts";

interface EntityRow {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly mentions: number;
}

const aliasesOf = (space: OpenSpace, id: number): readonly string[] =>
  space.read("SELECT DISTINCT name FROM aliases WHERE entity = ? ORDER BY name LIMIT 32").pluck().all(id) as string[];

const nodeOf = (space: OpenSpace, { id, name, type, mentions }: EntityRow): EntityNode => ({
  name,
  type,
  mentions,
  aliases: aliasesOf(space, id),
});

const counted = "e.id, e.name, e.type, (SELECT count(*) FROM mentions m WHERE m.entity = e.id) AS mentions";

/** Entities whose name or alias contains the text; most mentioned first. An empty text lists all. */
export const searchEntities = (space: OpenSpace, search: string, limit: number): readonly EntityNode[] => {
  const norm = normalizeEntity(search);
  if (norm === "" && search.trim() !== "") return [];
  // A plain search for the text: unlike a pattern it has no signs to escape, and does not end at U+0000.
  const rows = space
    .read(
      `SELECT ${counted} FROM entities e
       WHERE instr(e.norm, ?) > 0 OR e.id IN (SELECT entity FROM aliases WHERE instr(norm, ?) > 0)
       ORDER BY mentions DESC, e.norm LIMIT ?`,
    )
    .all(norm, norm, limit) as EntityRow[];
  return rows.map((row) => nodeOf(space, row));
};

/** Ids of entities that go by a name: its own, or as an alias. */
const idsOf = (space: OpenSpace, name: string): readonly number[] => {
  const norm = normalizeEntity(name);
  return space
    .read("SELECT id FROM entities WHERE norm = ? UNION SELECT entity FROM aliases WHERE norm = ?")
    .pluck()
    .all(norm, norm) as number[];
};

const mostReached = 500;

/**
 * Breadth first over relations in both directions; an alias shares its entity's place. The walk carries (entity, hops)
 * pairs and UNION drops repeats, so it ends; the least number of hops is taken at the end.
 */
const reached = `
  WITH RECURSIVE walk (entity, hops) AS (
    SELECT value, 0 FROM json_each(?)
    UNION
    SELECT CASE WHEN r.source = w.entity THEN r.target ELSE r.source END, w.hops + 1
    FROM walk w JOIN relations r ON r.source = w.entity OR r.target = w.entity
    WHERE w.hops < ?
  ),
  near AS (SELECT entity, min(hops) AS hops FROM walk GROUP BY entity ORDER BY hops, entity LIMIT ${mostReached})`;

export const entityGraph = (space: OpenSpace, name: string, hops: number): EntityGraph | null => {
  const start = idsOf(space, name);
  if (start.length === 0) return null;
  const ids = JSON.stringify(start);
  const entities = space
    .read(
      `${reached} SELECT ${counted}, near.hops FROM near JOIN entities e ON e.id = near.entity ORDER BY near.hops, e.norm`,
    )
    .all(ids, hops) as (EntityRow & { readonly hops: number })[];
  const relationships = space
    .read(
      `${reached} SELECT DISTINCT s.name AS source, t.name AS target, r.type AS type FROM relations r
       JOIN near a ON a.entity = r.source JOIN near b ON b.entity = r.target
       JOIN entities s ON s.id = r.source JOIN entities t ON t.id = r.target ORDER BY 1, 2, 3 LIMIT 2000`,
    )
    .all(ids, hops) as { source: string; target: string; type: string }[];
  return { entities: entities.map((row) => ({ ...nodeOf(space, row), hops: row.hops })), relationships };
};

/** Memories that name the entity or one near it: nearest first, then newest. What is held back is left out. */
export const entityMemories = (
  space: OpenSpace,
  name: string,
  hops: number,
  limit: number,
  now: number,
): readonly Memory[] => {
  const start = idsOf(space, name);
  if (start.length === 0) return [];
  const rows = space
    .read(
      `${reached}, held AS (SELECT m.memory AS row, min(near.hops) AS hops FROM near JOIN mentions m ON m.entity = near.entity GROUP BY m.memory)
       SELECT ${columnList} FROM memories JOIN held USING (row)
       WHERE state = 0 AND quarantine IS NULL AND (expires_at IS NULL OR expires_at > ?) ORDER BY held.hops, created_at DESC, row DESC LIMIT ?`,
    )
    .all(JSON.stringify(start), hops, now, limit) as MemoryRow[];
  return rows.map((row) => memoryOfRow(row, space.id));
};
