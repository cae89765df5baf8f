/** A writer's lock on a space: its row of `space_state`, which puts the writers of all servers in order. */
import { newId } from "@cairn/kernel/id";
import { analyzerVersion } from "@cairn/memory/text/analyzer";
import { fenceList, type FenceRow, passFence } from "../cells/fence.ts";
import type { Connection } from "../connection/pool.ts";
import { emptyState, type SpaceState, stateList, stateOfRow } from "../read/space-state.ts";

type Row = Parameters<typeof stateOfRow>[0] & FenceRow;
const locked = `SELECT ${stateList}, ${fenceList} FROM space_state s WHERE s.space = $1 FOR UPDATE`;

/** As `lockState`; null for a space that has no row yet, which is not locked then. */
export const lockKnown = async (connection: Connection, space: string): Promise<SpaceState | null> => {
  const [row] = await connection.query<Row>(locked, [space]);
  if (row === undefined) return null;
  await passFence(connection, space, row);
  return stateOfRow(row);
};

/**
 * Held until the transaction ends. The space gets its row when this is its first writer. Throws space.moved where it is
 * not written in this database, or not now.
 */
export const lockState = async (connection: Connection, space: string): Promise<SpaceState> => {
  const known = await lockKnown(connection, space);
  if (known !== null) return known;
  const made = connection.change(
    "INSERT INTO space_state (space, replica, analyzer) VALUES ($1, $2, $3) ON CONFLICT (space) DO NOTHING",
    [space, newId(), String(analyzerVersion)],
  );
  const [first] = await Promise.all([lockKnown(connection, space), made]);
  return first ?? emptyState;
};
