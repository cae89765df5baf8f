import { type Command, flagOf, numberOf } from "../command.ts";
import { textArgument } from "../local/read-input.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { fieldOptions, fieldsOf } from "../options/memory-options.ts";
import { showRemembered } from "../output/show-remembered.ts";

export const remember: Command = {
  name: "remember",
  summary: "Remember something",
  usage: ["<text> [options]", "- [options]     (the text comes from standard input)"],
  arguments: { least: 1, most: 1 },
  options: [
    ...fieldOptions,
    { name: "skip-dedup", describe: "Store it even when the same is remembered already." },
    { name: "expected-version", value: "N", type: "number", describe: "With --key: update only this version." },
    ...memoryCommandOptions,
  ],
  notes: [
    'cairn remember "Ada prefers tea to coffee" --tag drinks --entity Ada',
    "git log -1 --format=%B | cairn remember - --category decision",
  ],
  run: async (host, given) => {
    const content = await textArgument(host, given.arguments[0] ?? "");
    const input = {
      ...fieldsOf(given),
      ...inSpace(given),
      content,
      sourceType: "user_explicit",
      skipDedup: flagOf(given, "skip-dedup"),
      expectedVersion: numberOf(given, "expected-version"),
    };
    return withLocal(host, given, async ({ call }) => {
      const { remember: operation } = await import("@cairn/operations/operations/memories/remember");
      return showRemembered(host, await call(operation, input), flagOf(given, "json"));
    });
  },
};
