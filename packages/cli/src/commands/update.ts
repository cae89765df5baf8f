import { type Command, flagOf, numberOf, textOf, textsOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { textArgument } from "../local/read-input.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { fieldOptions, fieldsOf } from "../options/memory-options.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";

/** Options that empty a field, by the field's name in operations. */
const clearable: Readonly<Record<string, string>> = {
  tags: "tags",
  key: "key",
  category: "category",
  entity: "entity",
  author: "author",
  session: "sessionId",
  "occurred-at": "occurredAt",
  "valid-from": "validFrom",
  "valid-until": "validUntil",
  importance: "importance",
  decay: "decay",
  "expires-at": "expiresAt",
  "source-uri": "sourceUri",
  context: "context",
  metadata: "metadata",
};

export const update: Command = {
  name: "update",
  summary: "Change fields of a memory",
  usage: ["<id> [options]"],
  arguments: { least: 1, most: 1 },
  options: [
    { name: "content", value: "TEXT", describe: "The new text; `-` takes it from standard input." },
    ...fieldOptions,
    {
      name: "clear",
      value: "FIELD",
      repeat: true,
      choices: Object.keys(clearable),
      describe: "Empty a field; repeat it for several.",
    },
    { name: "expected-version", value: "N", type: "number", describe: "Change it only if this is its version." },
    ...memoryCommandOptions,
  ],
  notes: ["The tags that are given replace those that were there. Every version is kept: cairn history <id>."],
  run: async (host, given) => {
    const content = textOf(given, "content");
    const cleared = (textsOf(given, "clear") ?? []).map((name) => [clearable[name], null] as const);
    const input = {
      ...Object.fromEntries(cleared),
      ...fieldsOf(given),
      ...inSpace(given),
      ...(content === undefined ? {} : { content: await textArgument(host, content) }),
      id: given.arguments[0],
      expectedVersion: numberOf(given, "expected-version"),
    };
    return withLocal(host, given, async ({ call }) => {
      const { updateMemory } = await import("@cairn/operations/operations/memories/update");
      const memory = await call(updateMemory, input);
      if (flagOf(given, "json")) await printJson(host, memory);
      else await host.out.write(`Updated ${escapeLine(memory.id)} (version ${memory.version})\n`);
      return exitCodes.ok;
    });
  },
};
