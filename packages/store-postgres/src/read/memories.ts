/** Reading memories by id, by number and in lists. */
import { normalizeEntity } from "@cairn/memory/entity/normalize";
import { type Memory, trustLevels } from "@cairn/memory/memory/memory";
import { foldAuthor } from "@cairn/memory/recall/entry";
import { decodeCursor, pageOf } from "@cairn/memory/space/cursor";
import type { ListQuery, Page } from "@cairn/memory/space/engine";
import type { Connection, Value } from "../connection/pool.ts";
import { memoryList, memoryOfRow, type MemoryRow, unexpired } from "./memory-row.ts";

type NumberedRow = MemoryRow & { readonly row: number };

/** The memory with this id, live or superseded (`supersededBy` then says by what), unless it has expired; else null. */
export const getMemory = async (
  connection: Connection,
  space: string,
  id: string,
  now: number,
): Promise<Memory | null> => {
  const [row] = await connection.query<MemoryRow>(
    `SELECT ${memoryList} FROM memories m WHERE m.space = $1 AND m.id = $2 AND m.state IN (0, 1) AND ${unexpired("$3")}`,
    [space, id, now],
  );
  return row === undefined ? null : memoryOfRow(row, space);
};

/** The memories with these rows, whatever their state, by row. */
export const memoriesByRows = async (
  connection: Connection,
  space: string,
  rows: readonly number[],
): Promise<ReadonlyMap<number, Memory>> => {
  const found = await connection.query<NumberedRow>(
    `SELECT m.row, ${memoryList} FROM unnest($2::bigint[]) AS w (row)
     CROSS JOIN LATERAL (SELECT * FROM memories m WHERE m.space = $1 AND m.row = w.row LIMIT 1) m`,
    [space, rows],
  );
  return new Map(found.map((one) => [one.row, memoryOfRow(one, space)] as const));
};

/** Rows of memories that name an entity, by its normalised name. */
const namedIn = (norm: string): string =>
  `SELECT n.memory AS row FROM entities e CROSS JOIN LATERAL (
     SELECT n.memory FROM mentions n WHERE n.space = $1 AND n.entity = e.id OFFSET 0
   ) n WHERE e.space = $1 AND e.norm = ${norm}`;

/** Rows of memories that have at least so many of these tags. */
const taggedWith = (tags: string, least: string): string =>
  `SELECT t.memory AS row FROM unnest(${tags}::text[]) AS g (tag) CROSS JOIN LATERAL (
     SELECT t.memory FROM memory_tags t WHERE t.space = $1 AND t.tag = g.tag OFFSET 0
   ) t GROUP BY t.memory HAVING count(*) >= ${least}`;

/** Rows of live memories of a session. */
const saidIn = (session: string): string =>
  `SELECT m.row FROM memories m WHERE m.space = $1 AND m.state = 0 AND m.session_id = ${session} OFFSET 0`;

/**
 * The statement of a list and its values. Conditions that an index answers are there when they are asked for; the others
 * always are, and let everything through where their value is null: each text is prepared once a connection, and there
 * must not be thousands of them.
 */
const statementOf = (space: string, query: ListQuery, now: number): { sql: string; values: readonly Value[] } => {
  const newest = query.order !== "oldest";
  // No row lies beyond these: times and rows are exact as numbers.
  const edge = newest ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
  const cursor = query.cursor === undefined ? { createdAt: edge, row: 0 } : decodeCursor(query.cursor);
  const trusted = query.minTrust === undefined ? trustLevels.length : trustLevels.indexOf(query.minTrust) + 1;
  const values: Value[] = [
    space,
    now,
    cursor.createdAt,
    cursor.row,
    query.limit + 1,
    query.category ?? null,
    query.sourceInstance ?? null,
    query.author === undefined ? null : foldAuthor(query.author),
    query.minTrust === undefined ? null : trustLevels.slice(0, trusted),
    query.after ?? null,
    query.before ?? null,
  ];
  const conditions = [
    "m.space = $1 AND m.state = 0",
    unexpired("$2"),
    `(m.created_at, m.row) ${newest ? "<" : ">"} ($3, $4)`,
    "($6::text IS NULL OR m.category = $6)",
    "($7::text IS NULL OR m.source_instance = $7)",
    "($8::text IS NULL OR m.author_key = $8)",
    "($9::text[] IS NULL OR m.trust = ANY($9))",
    "($10::bigint IS NULL OR coalesce(m.occurred_at, m.created_at) >= $10)",
    "($11::bigint IS NULL OR coalesce(m.occurred_at, m.created_at) < $11)",
  ];
  const bind = (value: Value): string => `$${values.push(value)}`;
  if (query.quarantined !== undefined) conditions.push(`m.quarantine IS ${query.quarantined ? "NOT " : ""}NULL`);
  if (query.key !== undefined) conditions.push(`m.key = ${bind(query.key)}`);
  const tags = [...new Set(query.tags ?? [])];
  const sources: string[] = [];
  if (query.entity !== undefined) sources.push(namedIn(bind(normalizeEntity(query.entity))));
  if (tags.length > 0) sources.push(taggedWith(bind(tags), bind(query.tagsMode === "all" ? tags.length : 1)));
  if (query.sessionId !== undefined) sources.push(saidIn(bind(query.sessionId)));
  // The memories that one of them names are looked up, the others are asked of those.
  const source = sources.pop();
  for (const other of sources) conditions.push(`m.row IN (${other})`);
  const looked = "CROSS JOIN LATERAL (SELECT * FROM memories m WHERE m.space = $1 AND m.row = w.row LIMIT 1) m";
  const from = source === undefined ? "memories m" : `(${source}) w ${looked}`;
  const direction = newest ? "DESC" : "ASC";
  const order = `m.created_at ${direction}, m.row ${direction}`;
  const sql = `SELECT m.row, ${memoryList} FROM ${from} WHERE ${conditions.join(" AND ")} ORDER BY ${order} LIMIT $5`;
  return { sql, values };
};

/** Throws request.invalid for a cursor that no list gave out. */
export const listMemories = async (
  connection: Connection,
  space: string,
  query: ListQuery,
  now: number,
): Promise<Page<Memory>> => {
  const { sql, values } = statementOf(space, query, now);
  const rows = await connection.query<NumberedRow>(sql, values);
  return pageOf(
    rows,
    query.limit,
    (row) => memoryOfRow(row, space),
    (row) => ({ createdAt: Number(row.created_at), row: row.row }),
  );
};
