/** The numbers that a write gives out, from where the space's stand; kept only when the write is. */
import type { SpaceState } from "../read/space-state.ts";

export interface Numbering {
  seq: number;
  row: number;
  doc: number;
  entity: number;
  name: number;
  late: number;
  texts: number;
}

export const numberingOf = (state: SpaceState): Numbering => ({
  seq: state.seq,
  row: state.lastRow,
  doc: state.lastDoc,
  entity: state.lastEntity,
  name: state.lastName,
  late: state.lastLate,
  texts: state.texts,
});
