/** Forgetting the words of erased texts: the lexicon would otherwise still tell which words they held. */
import type { Connection } from "../connection/pool.ts";
import type { Projections } from "../space/projections.ts";
import { lockSpace, type Writing } from "./run-rule.ts";

const staleNames = (connection: Connection, space: string) =>
  connection.query<{ id: number; name: string }>(
    `SELECT s.id, n.name FROM stale_names s
     CROSS JOIN LATERAL (SELECT name FROM names WHERE space = $1 AND id = s.id LIMIT 1) n WHERE s.space = $1`,
    [space],
  );

/** Removes the names that only purged texts held. */
export const dropWords = async (writing: Writing, projections: Projections): Promise<void> => {
  const { pool, space } = writing;
  const due = await pool.transaction({ space, readOnly: true }, (connection) => staleNames(connection, space));
  if (due.length === 0) return;
  await pool.transaction({ space }, async (connection) => {
    await lockSpace(connection, writing);
    await projections.use(connection, space, async (projection) => {
      const names = await staleNames(connection, space);
      const gone = names.filter(({ id, name }) => !projection.holds(id, name)).map(({ id }) => id);
      await connection.change("DELETE FROM names WHERE space = $1 AND id = ANY($2::integer[])", [space, gone]);
      await connection.change("DELETE FROM stale_names WHERE space = $1", [space]);
    });
  });
};
