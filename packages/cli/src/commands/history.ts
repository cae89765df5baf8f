import { toWire } from "@cairn/operations/wire";
import { type Command, flagOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { historyText, type ShownVersion } from "../output/history-text.ts";
import { printJson } from "../output/json-document.ts";
import { textWidth } from "../output/memory-text.ts";
import { styleFor } from "../output/style.ts";

export const history: Command = {
  name: "history",
  summary: "Show every version of a memory and what changed",
  usage: ["<id> [options]"],
  arguments: { least: 1, most: 1 },
  options: memoryCommandOptions,
  run: (host, given) =>
    withLocal(host, given, async ({ call }) => {
      const { memoryHistory } = await import("@cairn/operations/operations/memories/history");
      const answer = await call(memoryHistory, { id: given.arguments[0], ...inSpace(given) });
      if (flagOf(given, "json")) await printJson(host, answer);
      else {
        // Names of fields as everywhere else that people meet them.
        const versions = answer.versions.map((one) => ({ ...one, diff: toWire(one.diff) as ShownVersion["diff"] }));
        await host.out.write(historyText(versions, styleFor(host, host.out), textWidth(host.out)));
      }
      return exitCodes.ok;
    }),
};
