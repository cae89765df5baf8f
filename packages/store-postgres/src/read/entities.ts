/** Entities: who and what memories name, and how they hang together. Neighbours within N hops come in one query. */
import { normalizeEntity } from "@cairn/memory/entity/normalize";
import type { Memory } from "@cairn/memory/memory/memory";
import type { EntityEdge, EntityGraph, EntityNode } from "@cairn/memory/space/engine";
import type { Connection } from "../connection/pool.ts";
import { memoryList, memoryOfRow, type MemoryRow, unexpired } from "./memory-row.ts";

const mentionsOf = (entity: string): string =>
  `(SELECT count(*) FROM mentions n WHERE n.space = $1 AND n.entity = ${entity}) AS mentions`;
const aliasesOf = (entity: string): string =>
  `ARRAY(SELECT DISTINCT a.name FROM aliases a WHERE a.space = $1 AND a.entity = ${entity} ORDER BY a.name LIMIT 32) AS aliases`;

const entityOf = (id: string): string => `SELECT * FROM entities e WHERE e.space = $1 AND e.id = ${id} LIMIT 1`;

/** Entities whose name or alias contains the text; most mentioned first. An empty text lists all. */
export const searchEntities = async (
  connection: Connection,
  space: string,
  search: string,
  limit: number,
): Promise<readonly EntityNode[]> => {
  const norm = normalizeEntity(search);
  if (norm === "" && search.trim() !== "") return [];
  // A plain search for the text: unlike a pattern it has no signs to escape.
  return connection.query<EntityNode>(
    `SELECT f.name, f.type, f.mentions, ${aliasesOf("f.id")} FROM (
       SELECT e.id, e.norm, e.name, e.type, ${mentionsOf("e.id")} FROM entities e
       WHERE e.space = $1 AND (strpos(e.norm, $2) > 0
         OR e.id IN (SELECT a.entity FROM aliases a WHERE a.space = $1 AND strpos(a.norm, $2) > 0))
       ORDER BY mentions DESC, e.norm LIMIT $3
     ) f ORDER BY f.mentions DESC, f.norm`,
    [space, norm, limit],
  );
};

const mostReached = 500;

/**
 * From the entities that go by the name $2, breadth first over relations in both directions, $3 hops at most; an alias
 * shares its entity's place. The walk carries (entity, hops) pairs and UNION drops repeats, so it ends; the least number
 * of hops is taken at the end.
 */
const reached = `
  WITH RECURSIVE walk (entity, hops) AS (
    SELECT b.id, 0 FROM (
      SELECT e.id FROM entities e WHERE e.space = $1 AND e.norm = $2
      UNION SELECT a.entity FROM aliases a WHERE a.space = $1 AND a.norm = $2
    ) b
    UNION
    SELECT r.entity, w.hops + 1 FROM walk w CROSS JOIN LATERAL (
      SELECT o.target AS entity FROM relations o WHERE o.space = $1 AND o.source = w.entity
      UNION ALL SELECT i.source FROM relations i WHERE i.space = $1 AND i.target = w.entity
    ) r WHERE w.hops < $3
  ),
  near AS (SELECT w.entity, min(w.hops) AS hops FROM walk w GROUP BY w.entity ORDER BY hops, entity LIMIT ${mostReached})`;

export const entityGraph = async (
  connection: Connection,
  space: string,
  name: string,
  hops: number,
): Promise<EntityGraph | null> => {
  const values = [space, normalizeEntity(name), hops];
  const [entities, relationships] = await Promise.all([
    connection.query<EntityNode & { readonly hops: number }>(
      `${reached} SELECT e.name, e.type, ${mentionsOf("e.id")}, ${aliasesOf("e.id")}, near.hops
       FROM near CROSS JOIN LATERAL (${entityOf("near.entity")}) e ORDER BY near.hops, e.norm`,
      values,
    ),
    connection.query<EntityEdge>(
      `${reached} SELECT DISTINCT s.name AS source, t.name AS target, r.type AS type FROM near a
       CROSS JOIN LATERAL (
         SELECT r.target, r.type FROM relations r WHERE r.space = $1 AND r.source = a.entity OFFSET 0
       ) r
       JOIN near b ON b.entity = r.target
       CROSS JOIN LATERAL (${entityOf("a.entity")}) s CROSS JOIN LATERAL (${entityOf("b.entity")}) t
       ORDER BY 1, 2, 3 LIMIT 2000`,
      values,
    ),
  ]);
  // The name's own entity is among them, if there is one.
  return entities.length === 0 ? null : { entities, relationships };
};

/** Memories that name the entity or one near it: nearest first, then newest. What is held back is left out. */
export const entityMemories = async (
  connection: Connection,
  space: string,
  name: string,
  hops: number,
  limit: number,
  now: number,
): Promise<readonly Memory[]> => {
  const rows = await connection.query<MemoryRow>(
    `${reached}, held AS (
       SELECT n.memory, min(near.hops) AS hops FROM near CROSS JOIN LATERAL (
         SELECT n.memory FROM mentions n WHERE n.space = $1 AND n.entity = near.entity OFFSET 0
       ) n GROUP BY n.memory
     )
     SELECT ${memoryList} FROM held CROSS JOIN LATERAL (
       SELECT * FROM memories m WHERE m.space = $1 AND m.row = held.memory LIMIT 1
     ) m
     WHERE m.state = 0 AND m.quarantine IS NULL AND ${unexpired("$4")}
     ORDER BY held.hops, m.created_at DESC, m.row DESC LIMIT $5`,
    [space, normalizeEntity(name), hops, now, limit],
  );
  return rows.map((row) => memoryOfRow(row, space));
};
