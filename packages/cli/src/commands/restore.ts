import { type Command, flagOf, numberOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";

export const restore: Command = {
  name: "restore",
  summary: "Bring back a forgotten memory, or an old version of one",
  usage: ["<id> [options]"],
  arguments: { least: 1, most: 1 },
  options: [
    {
      name: "version",
      value: "N",
      type: "number",
      describe: "Which version's fields to bring back (see cairn history).",
    },
    ...memoryCommandOptions,
  ],
  run: (host, given) =>
    withLocal(host, given, async ({ call }) => {
      const { restoreMemory } = await import("@cairn/operations/operations/memories/restore");
      const input = { id: given.arguments[0], version: numberOf(given, "version"), ...inSpace(given) };
      const memory = await call(restoreMemory, input);
      if (flagOf(given, "json")) await printJson(host, memory);
      else await host.out.write(`Restored ${escapeLine(memory.id)} (version ${memory.version})\n`);
      return exitCodes.ok;
    }),
};
