import { type Command, flagOf, numberOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";

export const release: Command = {
  name: "release",
  summary: "Let recall find a memory that was held back",
  usage: ["<id> [options]"],
  arguments: { least: 1, most: 1 },
  options: [
    { name: "expected-version", value: "N", type: "number", describe: "Release it only if this is its version." },
    ...memoryCommandOptions,
  ],
  notes: [
    "Held back is what comes from a document or the web and reads like an instruction to a model.",
    "cairn list --quarantined shows it; cairn get <id> shows one whole.",
  ],
  run: (host, given) =>
    withLocal(host, given, async ({ call }) => {
      const { release: operation } = await import("@cairn/operations/operations/memories/release");
      const expectedVersion = numberOf(given, "expected-version");
      const memory = await call(operation, { id: given.arguments[0], expectedVersion, ...inSpace(given) });
      if (flagOf(given, "json")) await printJson(host, memory);
      else await host.out.write(`Recall finds ${escapeLine(memory.id)} (version ${memory.version})\n`);
      return exitCodes.ok;
    }),
};
