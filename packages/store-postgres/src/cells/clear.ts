/** Removes a space's rows from a database that it has left, or has never reached, some at a time. Its fence stays. */
import type { Catalog, Table } from "./catalog.ts";
import { rawQuery } from "./cell.ts";
import { fences } from "./fence.ts";
import { checkHold, type Hold } from "./hold.ts";

const removedAtOnce = 2_000;

const clearTable = async (hold: Hold, { name }: Table): Promise<number> => {
  const { cell, space } = hold;
  // By where the rows lie: each portion costs what it holds, not what was there.
  const sql = `DELETE FROM ${name} WHERE space = $1::uuid
    AND ctid = ANY (ARRAY(SELECT ctid FROM ${name} WHERE space = $1::uuid LIMIT ${removedAtOnce})) RETURNING 1 AS one`;
  let removed = 0;
  for (;;) {
    const some = await cell.pool.transaction({ space }, async (connection) => {
      await checkHold(connection, hold, fences.gone);
      return (await rawQuery(connection, sql, [space])).length;
    });
    if (some === 0) return removed;
    removed += some;
  }
};

const emptied = `UPDATE space_state SET seq = 0, last_row = 0, last_doc = 0, last_entity = 0, last_name = 0, last_late = 0,
  texts = 0, replica = '', counter = 0, clock = NULL, model = NULL, model_dimensions = NULL, model_provider = NULL,
  next_model = NULL, next_dimensions = NULL, next_provider = NULL, next_generation = NULL, generation = 1,
  last_generation = 1, part = 0
  WHERE space = $1`;

/** The space must have left. Returns how many rows were removed; safe to call again. */
export const clearSpace = async (hold: Hold, { tables }: Catalog): Promise<number> => {
  const { cell, space } = hold;
  let removed = 0;
  for (const table of tables.toReversed()) removed += await clearTable(hold, table);
  await cell.pool.transaction({ space }, async (connection) => {
    await checkHold(connection, hold, fences.gone);
    await connection.change(emptied, [space]);
  });
  return removed;
};
