/** The door from a command to the cells of the settings. */
import { CairnError } from "@cairn/kernel/error";
import { type Cells, defaultCellLabel } from "@cairn/server/cells/cell-settings";
import { type Mover, openMover } from "@cairn/server/cells/open-mover";
import { readSettings } from "@cairn/server/settings";
import type { Given } from "../command.ts";
import type { Host } from "../host.ts";
import { settingsFlags } from "../local/with-local.ts";

export interface OpenedMover extends Mover {
  readonly url: string;
  readonly cells: Cells;
}

/** As people call it. */
export const shownCell = (name: string | null): string => name ?? defaultCellLabel;
/** As the directory calls it. */
export const givenCell = (name: string): string | null => (name === defaultCellLabel ? null : name);

/** Throws config.invalid where memories lie in files. */
export const withMover = async <Result>(
  host: Host,
  given: Given,
  work: (mover: OpenedMover) => Promise<Result>,
): Promise<Result> => {
  const { database } = await readSettings(settingsFlags(host, given), host);
  if (database === null) {
    throw new CairnError("config.invalid", "Memories lie in files here; only databases can be cells.", {
      hint: "Set CAIRN_DATABASE_URL, and CAIRN_CELLS for further databases. More: docs/cells.md",
    });
  }
  const { url, cells } = database;
  const mover = openMover({ url, cells });
  try {
    return await work({ ...mover, url, cells });
  } finally {
    await mover.close();
  }
};
