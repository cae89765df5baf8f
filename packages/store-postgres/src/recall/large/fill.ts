/**
 * Entering what was in a space before it became large, a portion at a time. From the moment its `space_state.part` is
 * set, which happens under the lock that every writer takes, writers enter what they write themselves; so what is left
 * for these portions are the documents up to the last one of that moment. A portion is entered under the same lock: what
 * a writer ended before is not entered, what he ends after is removed by him.
 */
import type { Connection, PostgresPool } from "../../connection/pool.ts";
import type { SpaceState } from "../../read/space-state.ts";
import { float32Of } from "../../space/vector-bytes.ts";
import { lockState } from "../../write/lock-state.ts";
import { type EnteredVector, enterDocuments, enterVectors, type Send } from "./enter.ts";

/** Writers wait for a portion at most. */
const portion = 250;

const sending = async (connection: Connection, fill: (send: Send) => void): Promise<void> => {
  const sent: Promise<number>[] = [];
  fill((sql, values) => void sent.push(connection.change(sql, values)));
  await Promise.all(sent);
};

/** From here on writers enter what they write. */
export const beginLarge = (pool: PostgresPool, space: string, part: number): Promise<void> =>
  pool.transaction({ space }, async (connection) => {
    const state = await lockState(connection, space);
    if (state.part !== 0) return;
    await Promise.all([
      connection.change(
        "INSERT INTO large_spaces (space, filled, upto) VALUES ($1, 0, $2) ON CONFLICT (space) DO UPDATE SET filled = 0, upto = $2, generation = NULL",
        [space, state.lastDoc],
      ),
      connection.change("UPDATE space_state SET part = $2 WHERE space = $1", [space, part]),
    ]);
  });

interface DocumentRow {
  readonly n: number;
  readonly kind: number;
  readonly entry: Uint8Array | null;
  readonly to_at: number | null;
}

const vectorsOf = async (
  connection: Connection,
  space: string,
  { epoch, next }: SpaceState,
  docs: readonly number[],
): Promise<readonly EnteredVector[]> => {
  const rows = await connection.query<{ generation: number; doc: number; chunk: number; bytes: Uint8Array }>(
    `SELECT f.generation, f.doc, f.chunk, f.bytes FROM unnest($2::integer[]) AS g (generation), unnest($3::bigint[]) AS w (doc)
     CROSS JOIN LATERAL (
       SELECT * FROM f32 WHERE space = $1 AND generation = g.generation AND doc = w.doc OFFSET 0
     ) f`,
    [space, [epoch, ...(next === null ? [] : [next.generation])], docs],
  );
  return rows.map(({ generation, doc, chunk, bytes }) => ({ generation, doc, chunk, vector: float32Of(bytes) }));
};

/** Enters a portion; false when nothing is left, or the space is not large any more. */
export const fillPortion = (pool: PostgresPool, space: string): Promise<boolean> =>
  pool.transaction({ space }, async (connection) => {
    const state = await lockState(connection, space);
    const [place] = await connection.query<{ filled: number; upto: number }>(
      "SELECT filled, upto FROM large_spaces WHERE space = $1",
      [space],
    );
    if (state.part === 0 || place === undefined || place.filled >= place.upto) return false;
    const rows = await connection.query<DocumentRow>(
      `SELECT n, kind, entry, to_at FROM docs WHERE space = $1 AND n > $2 AND n <= $3 ORDER BY n LIMIT ${portion}`,
      [space, place.filled, place.upto],
    );
    const entering = rows.flatMap(({ n, kind, entry, to_at: to }) =>
      entry === null || to !== null ? [] : [{ n, kind, entry }],
    );
    const vectors = await vectorsOf(
      connection,
      space,
      state,
      entering.map(({ n }) => n),
    );
    await sending(connection, (send) => {
      enterDocuments(send, space, entering);
      enterVectors(send, space, state.part, vectors);
      send("UPDATE large_spaces SET filled = $2 WHERE space = $1", [
        space,
        rows.length < portion ? place.upto : rows.at(-1)!.n,
      ]);
    });
    return true;
  });
