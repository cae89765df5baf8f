/** Removes a space's rows from a database that it has left, or has never reached, some at a time. Its fence stays. */
import type { Catalog } from "./catalog.ts";
import { rawQuery } from "./cell.ts";
import { fences } from "./fence.ts";
import { checkHold, type Hold } from "./hold.ts";

const removedAtOnce = 2_000;

const clearTable = async (hold: Hold, name: string, condition = "true"): Promise<number> => {
  const { cell, space } = hold;
  // By where the rows lie: each portion costs what it holds, not what was there.
  const sql = `DELETE FROM ${name} WHERE space = $1::uuid AND ${condition}
    AND ctid = ANY (ARRAY(SELECT ctid FROM ${name} WHERE space = $1::uuid AND ${condition} LIMIT ${removedAtOnce})) RETURNING 1 AS one`;
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

const partOf = ({ cell, space }: Hold): Promise<number> =>
  cell.pool.transaction({ space, readOnly: true }, async (connection) => {
    const [row] = await connection.query<{ part: number }>("SELECT part FROM space_state WHERE space = $1", [space]);
    return Math.trunc(row?.part ?? 0);
  });

/** What has no default is empty. */
const emptied = (columns: readonly string[]): string => {
  const without = new Set(["replica", "analyzer"]);
  const reset = columns.map((name) => `${name} = ${without.has(name) ? "''" : "DEFAULT"}`);
  return `UPDATE space_state SET ${[...reset, "part = DEFAULT"].join(", ")} WHERE space = $1`;
};

/** The space must have left. Returns how many rows were removed; safe to call again. */
export const clearSpace = async (hold: Hold, { tables, own, state }: Catalog): Promise<number> => {
  const { cell, space } = hold;
  const part = await partOf(hold);
  let removed = 0;
  for (const { name, isParted } of own) {
    // Named, so that no other partition is looked at or locked; a space without one has nothing there.
    if (!isParted) removed += await clearTable(hold, name);
    else if (part !== 0) removed += await clearTable(hold, name, `part = ${part}`);
  }
  for (const { name } of tables.toReversed()) removed += await clearTable(hold, name);
  await cell.pool.transaction({ space }, async (connection) => {
    await checkHold(connection, hold, fences.gone);
    await connection.change(emptied(state), [space]);
  });
  return removed;
};
