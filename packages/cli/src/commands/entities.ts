import { type Command, flagOf, numberOf } from "../command.ts";
import { CairnError } from "@cairn/kernel/error";
import { exitCodes } from "../exit-codes.ts";
import { withLocal } from "../local/with-local.ts";
import { inSpace, memoryCommandOptions } from "../options/data-options.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { memoryLines, textWidth } from "../output/memory-text.ts";
import { styleFor } from "../output/style.ts";
import { tableText } from "../output/table.ts";

const nameNeeded = (): CairnError =>
  new CairnError("request.invalid", "Whose? Give the name of a person, place, project or thing.", {
    hint: "`cairn entities` lists them.",
  });

export const entities: Command = {
  name: "entities",
  summary: "People, places, projects and things that memories name",
  usage: ["[part of a name] [options]", "--related <name> [options]", "--memories <name> [options]"],
  arguments: { least: 0, most: 1 },
  options: [
    { name: "related", describe: "What the named one is related to, and how." },
    { name: "memories", describe: "Memories that name it or something near it." },
    { name: "hops", value: "N", type: "number", describe: "How far to go from one to the next." },
    { name: "limit", short: "n", value: "N", type: "number", describe: "How many at most." },
    ...memoryCommandOptions,
  ],
  run: async (host, given) => {
    const [name] = given.arguments;
    const json = flagOf(given, "json");
    const style = styleFor(host, host.out);
    const options = { ...inSpace(given), hops: numberOf(given, "hops"), limit: numberOf(given, "limit") };
    if (flagOf(given, "related") || flagOf(given, "memories")) {
      if (name === undefined) throw nameNeeded();
    }
    return withLocal(host, given, async ({ call }) => {
      if (flagOf(given, "related")) {
        const { entityGraph } = await import("@cairn/operations/operations/entities/graph");
        const graph = await call(entityGraph, { name, ...options });
        if (json) await printJson(host, graph);
        else {
          const lines = graph.relationships.map(
            ({ source, target, type }) =>
              `${escapeLine(source)} ${style.dim(`— ${escapeLine(type)} →`)} ${escapeLine(target)}\n`,
          );
          await host.out.write(lines.length === 0 ? "No relation is known.\n" : lines.join(""));
        }
        return exitCodes.ok;
      }
      if (flagOf(given, "memories")) {
        const { entityMemories } = await import("@cairn/operations/operations/entities/memories");
        const answer = await call(entityMemories, { name, ...options });
        if (json) await printJson(host, answer);
        else {
          const shown = answer.results.map((memory) => memoryLines(memory, style, textWidth(host.out)));
          await host.out.write(shown.length === 0 ? "No memory names it.\n" : shown.join("\n"));
        }
        return exitCodes.ok;
      }
      const { searchEntities } = await import("@cairn/operations/operations/entities/search");
      const answer = await call(searchEntities, { q: name, ...options });
      if (json) await printJson(host, answer);
      else {
        const rows = answer.entities.map((one) => [one.name, one.type, String(one.mentions), one.aliases.join(", ")]);
        await host.out.write(tableText(["name", "type", "mentions", "also"], rows, style));
      }
      return exitCodes.ok;
    });
  },
};
