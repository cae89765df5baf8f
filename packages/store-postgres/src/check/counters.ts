/**
 * The numbers of `space_state`. One that is behind the rows would be given out twice; one that is ahead does no harm.
 */
import type { Connection } from "../connection/pool.ts";
import type { SpaceState } from "../read/space-state.ts";
import { rangesUpTo } from "./ranges.ts";

const lastIn = (table: string, column: string): string =>
  `coalesce((SELECT max(r.${column}) FROM ${table} r WHERE r.space = $1), 0)`;

/** By column, the least that it may say. */
const least = {
  seq: `greatest(${lastIn("changes", "seq")}, ${lastIn("docs", "seq")})`,
  last_row: `greatest(${lastIn("memories", "row")}, ${lastIn("session_chunks", "row")})`,
  last_doc: lastIn("docs", "n"),
  last_entity: lastIn("entities", "id"),
  last_name: lastIn("names", "id"),
  last_late: lastIn("late_vectors", "seq"),
  last_generation: "greatest(s.generation, coalesce(s.next_generation, 0))",
  counter: "coalesce((SELECT max(r.counter) FROM changes r WHERE r.space = $1 AND r.replica = s.replica), 0)",
  clock: "coalesce((SELECT r.clock FROM changes r WHERE r.space = $1 ORDER BY r.seq DESC LIMIT 1), '')",
};
const columns = Object.entries(least);
const empty = (column: string): string => (column === "clock" ? "''" : "0");
const isBehind = ([column, value]: readonly [string, string]): string =>
  `(coalesce(s.${column}, ${empty(column)}) < ${value})::integer`;

const raised = (column: string, value: string): string => {
  const greatest = `greatest(s.${column}, ${value})`;
  return column === "clock" ? `nullif(${greatest}, '')` : greatest;
};

/** How many are behind. */
export const countersBehind = async (connection: Connection, space: string): Promise<number> => {
  const [row] = await connection.query<{ readonly count: number }>(
    `SELECT ${columns.map(isBehind).join(" + ")} AS count FROM space_state s WHERE s.space = $1`,
    [space],
  );
  return row?.count ?? 0;
};

/** Under the space's lock, before anything is numbered. */
export const raiseCounters = (connection: Connection, space: string): Promise<number> =>
  connection.change(
    `UPDATE space_state s SET ${columns.map(([column, value]) => `${column} = ${raised(column, value)}`).join(", ")}
     WHERE s.space = $1`,
    [space],
  );

/** Documents whose entry is not erased. */
export const countTexts = async (connection: Connection, space: string, { lastDoc }: SpaceState): Promise<number> => {
  const counts = await Promise.all(
    rangesUpTo(lastDoc).map(({ after, upTo }) =>
      connection.query<{ readonly count: number }>(
        "SELECT count(*) AS count FROM docs WHERE space = $1 AND n > $2 AND n <= $3 AND entry IS NOT NULL",
        [space, after, upTo],
      ),
    ),
  );
  return counts.reduce((sum, [row]) => sum + (row?.count ?? 0), 0);
};
