import { CairnError } from "@cairn/kernel/error";
import { type Command, flagOf, jsonOption, textOf } from "../command.ts";
import { dataOptions } from "../options/data-options.ts";

const wrong = (what: string): CairnError => new CairnError("request.invalid", what, { hint: "cairn help admin" });

export const admin: Command = {
  name: "admin",
  summary: "See the databases of a large installation, and move spaces between them",
  usage: ["cells", "space where <space>", "space move <space> --to CELL", "space move <space> --abandon"],
  arguments: { least: 1, most: 3, choices: ["cells", "space"] },
  options: [
    {
      name: "to",
      value: "CELL",
      describe: "The cell that the space moves to; default is the one of CAIRN_DATABASE_URL.",
    },
    { name: "abandon", describe: "Take a move back that has not switched yet." },
    jsonOption,
    ...dataOptions,
  ],
  notes: [
    "Cells are databases, named in the setting cells (CAIRN_CELLS). A space is served while it moves;",
    "writers wait for a moment at the end. A move that was interrupted goes on with the same command.",
    "More: docs/cells.md",
  ],
  run: async (host, given) => {
    const [what, verb, space, ...more] = given.arguments;
    const json = flagOf(given, "json");
    const { withMover } = await import("../admin/with-mover.ts");
    if (what === "cells") {
      if (verb !== undefined) throw wrong("cairn admin cells takes nothing more.");
      const { listCells } = await import("../admin/list-cells.ts");
      return withMover(host, given, (mover) => listCells(host, mover, json));
    }
    if (verb !== "where" && verb !== "move") throw wrong("cairn admin space can where and move.");
    if (space === undefined || more.length > 0) throw wrong(`Which space? cairn admin space ${verb} <space>`);
    const { runMove, showPlace } = await import("../admin/move-space.ts");
    if (verb === "where") return withMover(host, given, (mover) => showPlace(host, mover, space, json));
    const [to, abandon] = [textOf(given, "to") ?? null, flagOf(given, "abandon")];
    if ((to === null) !== abandon) throw wrong("Say where to with --to CELL, or --abandon to take a move back.");
    return withMover(host, given, (mover) => runMove(host, mover, { space, to }, json));
  },
};
