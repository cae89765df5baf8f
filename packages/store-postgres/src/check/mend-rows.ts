/** Removes what cannot be trusted from the tables beside the texts, and notes which documents await vectors for it. */
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import type { Connection } from "../connection/pool.ts";
import type { SpaceState } from "../read/space-state.ts";
import { lockSpace, type Writing } from "../write/run-rule.ts";
import { modelsOf } from "./check-space.ts";
import { countTexts, raiseCounters } from "./counters.ts";
import { type Range, rangesUpTo } from "./ranges.ts";
import {
  brokenRows,
  misshapenVectors,
  type OfModel,
  rankInSql,
  type Rule,
  strayKnowledge,
  strayVectors,
  unequalVectors,
  unnoted,
  valuesOf,
  wrongNotes,
} from "./rules.ts";

/** Under the space's lock, in a transaction of its own. */
const locked = <T>(writing: Writing, work: (connection: Connection, state: SpaceState) => Promise<T>): Promise<T> =>
  writing.pool.transaction({ space: writing.space }, async (connection) =>
    work(connection, await lockSpace(connection, writing)),
  );

const mendModel = async (connection: Connection, space: string, range: Range, model: OfModel): Promise<void> => {
  for (const rule of [...unequalVectors, ...misshapenVectors]) {
    const rows = await connection.query<{ readonly doc: number }>(
      `SELECT DISTINCT t.doc ${brokenRows(rule)}`,
      valuesOf(rule, space, range, model),
    );
    // One vector of a text without the others would pass for all of them.
    const docs = rows.map(({ doc }) => doc);
    for (const table of docs.length === 0 ? [] : ["q8", "f32"])
      await connection.change(`DELETE FROM ${table} WHERE space = $1 AND generation = $2 AND doc = ANY($3::bigint[])`, [
        space,
        model.generation,
        docs,
      ]);
  }
  await connection.change(
    `INSERT INTO awaiting_vectors (space, generation, rank, doc)
     SELECT $1, $4, ${rankInSql}, t.n ${brokenRows(unnoted)}`,
    valuesOf(unnoted, space, range, model),
  );
};

/** Afterwards every text has its vectors, needs none, or awaits them: in each set one of the three. */
export const mendRows = async (writing: Writing, { lastDoc, lastRow, lastEntity }: SpaceState): Promise<void> => {
  const { space } = writing;
  const removed: readonly Rule[] = [...strayVectors, ...wrongNotes, ...strayKnowledge];
  for (const range of rangesUpTo(Math.max(lastDoc, lastRow, lastEntity))) {
    await locked(writing, async (connection, state) => {
      for (const rule of removed) await connection.change(`DELETE ${brokenRows(rule)}`, valuesOf(rule, space, range));
      for (const model of modelsOf(state)) await mendModel(connection, space, range, model);
    });
  }
};

/** Before anything is numbered. Returns where the space stands then. */
export const mendCounters = (writing: Writing): Promise<SpaceState> =>
  locked(writing, async (connection) => {
    const { space } = writing;
    await raiseCounters(connection, space);
    // Authors whose names lost a word get a number anew with their memories, and so does the word.
    await connection.change(
      `DELETE FROM names a WHERE a.space = $1 AND a.terms IS NOT NULL AND EXISTS (
         SELECT 1 FROM unnest(a.terms) AS w (id)
         WHERE w.id > 0 AND NOT EXISTS (SELECT 1 FROM names n WHERE n.space = $1 AND n.id = w.id OFFSET 0)
       )`,
      [space],
    );
    return lockSpace(connection, writing);
  });

/** After everything else: all terms are the current analyzer's, and the texts are counted. */
export const concludeRepair = (writing: Writing): Promise<void> =>
  locked(writing, async (connection, state) => {
    const { space } = writing;
    await connection.change("UPDATE space_state SET analyzer = $2, texts = $3 WHERE space = $1", [
      space,
      String(analyzerVersion),
      await countTexts(connection, space, state),
    ]);
  });
