import { type Command, flagOf, jsonOption } from "../../command.ts";
import { dataOptions } from "../../options/data-options.ts";

export const cells: Command = {
  name: "admin cells",
  summary: "See the databases of a large installation",
  usage: [""],
  arguments: { least: 0, most: 0 },
  options: [jsonOption, ...dataOptions],
  notes: ["Cells are databases, named in the setting cells (CAIRN_CELLS). More: docs/cells.md"],
  run: async (host, given) => {
    const [{ withMover }, { listCells }] = await Promise.all([import("../with-mover.ts"), import("../list-cells.ts")]);
    return withMover(host, given, (mover) => listCells(host, mover, flagOf(given, "json")));
  },
};
