import { type Command, flagOf } from "../command.ts";
import { textArgument } from "../local/read-input.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { fieldOptions, fieldsOf } from "../options/memory-options.ts";
import { showRemembered } from "../output/show-remembered.ts";

export const correct: Command = {
  name: "correct",
  summary: "Replace a memory that is wrong by what is right",
  usage: ["<id> <text> [options]", "<id> - [options]     (the text comes from standard input)"],
  arguments: { least: 2, most: 2 },
  options: [...fieldOptions, ...memoryCommandOptions],
  notes: [
    "The wrong text never comes back in a recall; it stays in the history and in recalls --as-of an earlier time.",
  ],
  run: async (host, given) => {
    const [originalId, text = ""] = given.arguments;
    const correctedContent = await textArgument(host, text);
    return withLocal(host, given, async ({ call }) => {
      const { correct: operation } = await import("@cairn/operations/operations/memories/correct");
      const outcome = await call(operation, { ...fieldsOf(given), ...inSpace(given), originalId, correctedContent });
      return showRemembered(host, outcome, flagOf(given, "json"));
    });
  },
};
