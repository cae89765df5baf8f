/** What moves spaces between the cells of the settings: the directory, and a few connections to each cell. */
import { openPostgresSpaceDirectory } from "@cairn/directory/postgres-space-directory";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import { type Cell, cellLabel, type CellName, openCell } from "@cairn/store-postgres/cells/cell";
import type { Cells } from "./cell-settings.ts";

export interface OpenMoverOptions {
  /** Of the cell without a name, where the directory lies. */
  readonly url: string;
  readonly cells: Cells;
}

export interface Mover {
  readonly directory: SpaceDirectory;
  /** Throws config.invalid for one that the settings do not name. */
  readonly cellOf: (name: CellName) => Cell;
  /** The one without a name first. */
  readonly names: readonly CellName[];
  readonly close: () => Promise<void>;
}

/** Connects when something is asked. */
export const openMover = ({ url, cells }: OpenMoverOptions): Mover => {
  const directory = openPostgresSpaceDirectory({ url });
  const opened = new Map<CellName, Cell>();
  const names = [null, ...Object.keys(cells)];
  return {
    directory,
    names,
    cellOf: (name) => {
      const known = opened.get(name);
      if (known !== undefined) return known;
      const address = name === null ? url : Object.hasOwn(cells, name) ? cells[name] : undefined;
      if (address === undefined) {
        const hint = "The setting `cells` (CAIRN_CELLS) names them; `cairn admin cells` lists them.";
        throw new CairnError("config.invalid", `There is no setting for ${cellLabel(name)}.`, { hint });
      }
      const cell = openCell({ name, url: address });
      opened.set(name, cell);
      return cell;
    },
    close: async () => {
      await Promise.all([directory.close(), ...Array.from(opened.values(), (cell) => cell.close())]);
    },
  };
};
