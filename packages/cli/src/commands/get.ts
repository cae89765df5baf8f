import { wireName } from "@cairn/operations/wire";
import { type Command, flagOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { printJson } from "../output/json-document.ts";
import { fieldLines, textWidth } from "../output/memory-text.ts";
import { styleFor } from "../output/style.ts";

export const get: Command = {
  name: "get",
  summary: "Show one memory with all its fields",
  usage: ["<id> [options]"],
  arguments: { least: 1, most: 1 },
  options: memoryCommandOptions,
  run: (host, given) =>
    withLocal(host, given, async ({ call }) => {
      const { getMemory } = await import("@cairn/operations/operations/memories/get");
      const memory = await call(getMemory, { id: given.arguments[0], ...inSpace(given) });
      if (flagOf(given, "json")) await printJson(host, memory);
      else {
        const fields = Object.fromEntries(Object.entries(memory).map(([name, value]) => [wireName(name), value]));
        await host.out.write(fieldLines(fields, styleFor(host, host.out), textWidth(host.out)));
      }
      return exitCodes.ok;
    }),
};
