/** What says otherwise than a memory. What is held back speaks against nothing until it is released. */
import { isOutside } from "@cairn/memory/memory/validity";
import type { Disputes } from "@cairn/memory/space/engine";
import type { Connection } from "../connection/pool.ts";
import { unexpired } from "./memory-row.ts";

/** Of the memory whose number is `row`, at the time that is parameter `now`. */
const standing = (row: string, now: string): string =>
  `FROM conflicts c CROSS JOIN LATERAL (
     SELECT m.id, m.row FROM memories m
     WHERE m.space = $1 AND m.row = c.other AND m.state = 0 AND m.quarantine IS NULL AND ${unexpired(now)} LIMIT 1
   ) m WHERE c.space = $1 AND c.memory = ${row}`;

const disputed = (row: string, now: string): string =>
  `ARRAY(SELECT m.id ${standing(row, now)} ORDER BY m.row LIMIT 32) AS conflicts,
   coalesce((SELECT true ${standing(row, now)} AND c.other > c.memory LIMIT 1), false) AS contradicted`;

export interface Contradictions {
  /** Ids of up to 32 live memories that say otherwise, in the order of their rows. */
  readonly conflicts: readonly string[];
  /** Whether one of all that say otherwise is newer. */
  readonly contradicted: boolean;
}

/** For each of these memories, by row. */
export const contradictionsOf = async (
  connection: Connection,
  space: string,
  rows: readonly number[],
  now: number,
): Promise<ReadonlyMap<number, Contradictions>> => {
  const found = await connection.query<Contradictions & { readonly row: number }>(
    `SELECT w.row, ${disputed("w.row", "$3")} FROM unnest($2::bigint[]) AS w (row)`,
    [space, rows, now],
  );
  return new Map(found.map(({ row, conflicts, contradicted }) => [row, { conflicts, contradicted }] as const));
};

interface DisputeRow extends Contradictions {
  readonly valid_from: number | null;
  readonly valid_until: number | null;
}

export const disputesOf = async (connection: Connection, space: string, id: string, now: number): Promise<Disputes> => {
  const [found] = await connection.query<DisputeRow>(
    `SELECT o.valid_from, o.valid_until, ${disputed("o.row", "$3")} FROM memories o WHERE o.space = $1 AND o.id = $2`,
    [space, id, now],
  );
  if (found === undefined) return { conflicts: [], stale: false };
  const outside = isOutside({ validFrom: found.valid_from, validUntil: found.valid_until }, now);
  return { conflicts: found.conflicts, stale: outside || found.contradicted };
};
