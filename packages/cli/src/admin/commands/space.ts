import { CairnError } from "@cairn/kernel/error";
import { type Command, flagOf, jsonOption, textOf } from "../../command.ts";
import { dataOptions } from "../../options/data-options.ts";

const wrong = (what: string): CairnError => new CairnError("request.invalid", what, { hint: "cairn help admin space" });

export const space: Command = {
  name: "admin space",
  summary: "See in which database a space is, and move it to another",
  usage: ["where <space>", "move <space> --to CELL", "move <space> --abandon"],
  arguments: { least: 1, most: 2, choices: ["where", "move"] },
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
    const [verb, name] = given.arguments;
    const json = flagOf(given, "json");
    if (name === undefined) throw wrong(`Which space? cairn admin space ${verb} <space>`);
    const [to, abandon] = [textOf(given, "to") ?? null, flagOf(given, "abandon")];
    if (verb === "move" && (to === null) !== abandon)
      throw wrong("Say where to with --to CELL, or --abandon to take a move back.");
    const [{ withMover }, { runMove, showPlace }] = await Promise.all([
      import("../with-mover.ts"),
      import("../move-space.ts"),
    ]);
    return verb === "where"
      ? withMover(host, given, (mover) => showPlace(host, mover, name, json))
      : withMover(host, given, (mover) => runMove(host, mover, { space: name, to }, json));
  },
};
