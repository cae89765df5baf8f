/**
 * Mends the indexes of a space from its rows, which are the truth; other servers go on with it meanwhile. Vectors that
 * are missing are the caller's to make.
 */
import type { CheckFinding } from "@cairn/memory/space/engine";
import type { Projections } from "../space/projections.ts";
import type { Writing } from "../write/run-rule.ts";
import { checkSpace } from "./check-space.ts";
import { concludeRepair, mendCounters, mendRows } from "./mend-rows.ts";
import { mendTexts } from "./mend-texts.ts";

/** Returns what is left. */
export const repairSpace = async (writing: Writing, projections: Projections): Promise<readonly CheckFinding[]> => {
  const state = await mendCounters(writing);
  await mendTexts(writing, state);
  await mendRows(writing, await mendCounters(writing));
  await concludeRepair(writing);
  // What was read of rows that were damaged by hand is read anew.
  projections.forget(writing.space);
  return checkSpace(writing.pool, writing.space);
};
