import { CairnError } from "@cairn/kernel/error";
import { type Command, flagOf, jsonOption, textOf } from "../command.ts";
import { settingsFlags, withLocal } from "../local/with-local.ts";
import { dataOptions } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";

export const embedder: Command = {
  name: "embedder",
  summary: "Choose what compares meanings: list, download, test or use a model",
  usage: ["[list]", "pull [name]", "test [name|folder]", "use <name|folder|builtin|openai>", "status [--space SPACE]"],
  arguments: { least: 0, most: 2, choices: ["list", "use", "pull", "test", "status"] },
  options: [
    { name: "space", value: "SPACE", describe: "With status: of this space only; of all spaces when absent." },
    jsonOption,
    ...dataOptions,
  ],
  notes: [
    "The built-in embedder needs nothing. A model needs the package onnxruntime-node and a folder with its files.",
    "pull downloads one; HTTPS_PROXY and CAIRN_MODEL_URL are obeyed. More: docs/embedders.md",
  ],
  run: async (host, given) => {
    const [verb = "list", name] = given.arguments;
    const json = flagOf(given, "json");
    if (verb === "status") {
      const { showEmbedderStatus } = await import("../embedder/status.ts");
      return withLocal(host, given, (local) => showEmbedderStatus(host, local, textOf(given, "space"), json));
    }
    const flags = settingsFlags(host, given);
    const { readSettings } = await import("@cairn/server/settings");
    const settings = await readSettings(flags, host);
    if (!json) for (const warning of settings.warnings) await host.err.write(`${escapeLine(warning)}\n`);
    switch (verb) {
      case "use": {
        if (name === undefined) {
          const hint = "cairn embedder list shows what there is.";
          throw new CairnError("request.invalid", "Which embedder? cairn embedder use <name|folder>", { hint });
        }
        return (await import("../embedder/use.ts")).useEmbedder(host, settings, flags, name, json);
      }
      case "pull":
        return (await import("../embedder/pull.ts")).pullEmbedder(host, settings, name, json);
      case "test":
        return (await import("../embedder/test.ts")).testEmbedder(host, settings, name, json);
      default:
        return (await import("../embedder/list.ts")).listEmbedders(host, settings, json);
    }
  },
};
