import { CairnError } from "@cairn/kernel/error";
import { type Command, flagOf, jsonOption, textOf } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Host } from "../host.ts";
import type { Local } from "../local/open-local.ts";
import { withLocal } from "../local/with-local.ts";
import { dataOptions } from "../options/data-options.ts";
import { canAsk, confirm } from "../output/confirm.ts";
import { escapeLine } from "../output/escape-text.ts";
import { printJson } from "../output/json-document.ts";
import { styleFor } from "../output/style.ts";
import { tableText } from "../output/table.ts";

const missing = (what: string): CairnError => new CairnError("request.invalid", what, { hint: "cairn help spaces" });

const say = async (host: Host, json: boolean, answer: unknown, line: string): Promise<ExitCode> => {
  if (json) await printJson(host, answer);
  else await host.out.write(`${line}\n`);
  return exitCodes.ok;
};

const showAll = async (host: Host, { call }: Local, json: boolean): Promise<ExitCode> => {
  const { listSpaces } = await import("@cairn/operations/operations/spaces/list");
  const answer = await call(listSpaces, {});
  const rows = answer.spaces.map(({ name, id, description }) => [name, id, description ?? ""]);
  if (json) await printJson(host, answer);
  else await host.out.write(tableText(["name", "id", "description"], rows, styleFor(host, host.out)));
  return exitCodes.ok;
};

export const spaces: Command = {
  name: "spaces",
  summary: "List, create, rename, set or remove spaces",
  usage: [
    "[list]",
    "create <name> [--description TEXT] [--rerank HOW]",
    "rename <space> <name>",
    "set <space> [--description TEXT] [--rerank HOW]",
    "remove <space> --yes",
  ],
  arguments: { least: 0, most: 3, choices: ["list", "create", "rename", "set", "remove"] },
  options: [
    { name: "description", value: "TEXT", describe: "What the space is for." },
    {
      name: "rerank",
      value: "HOW",
      choices: ["none", "heuristic", "cross-encoder", "default"],
      describe: "How its recalls order the best again; default: as the server is set.",
    },
    { name: "yes", short: "y", describe: "Do not ask before removing." },
    jsonOption,
    ...dataOptions,
  ],
  notes: ["A space is one shared memory, apart from all others. Removing one erases everything in it."],
  run: async (host, given) => {
    const [verb = "list", first, second] = given.arguments;
    const json = flagOf(given, "json");
    const description = textOf(given, "description");
    const chosen = textOf(given, "rerank");
    const rerank = chosen === "default" ? null : chosen;
    if (verb !== "list" && first === undefined) throw missing(`Which space? cairn spaces ${verb} <name>`);
    if (verb === "remove" && !flagOf(given, "yes")) {
      if (!canAsk(host))
        throw missing("Removing a space erases everything in it; add --yes to do it without being asked.");
      if (!(await confirm(host, `Remove the space ${escapeLine(first ?? "")} and everything in it?`, false)))
        return exitCodes.failure;
    }
    return withLocal(host, given, async (local) => {
      switch (verb) {
        case "create": {
          const { createSpace } = await import("@cairn/operations/operations/spaces/create");
          const made = await local.call(createSpace, { name: first, description, rerank });
          return say(host, json, made, `Created ${escapeLine(made.name)} (${made.id})`);
        }
        case "rename": {
          if (second === undefined && description === undefined)
            throw missing("What should it be called? cairn spaces rename <space> <name>");
          const { updateSpace } = await import("@cairn/operations/operations/spaces/update");
          const changed = await local.call(updateSpace, { space: first, name: second, description, rerank });
          return say(host, json, changed, `It is called ${escapeLine(changed.name)} now`);
        }
        case "set": {
          if (description === undefined && rerank === undefined)
            throw missing("Set what? cairn spaces set <space> --rerank HOW, or --description TEXT");
          const { updateSpace } = await import("@cairn/operations/operations/spaces/update");
          const changed = await local.call(updateSpace, { space: first, description, rerank });
          const reranked = changed.rerank === null ? "as the server is set" : changed.rerank;
          return say(host, json, changed, `Set ${escapeLine(changed.name)} (rerank: ${reranked})`);
        }
        case "remove": {
          const { removeSpace } = await import("@cairn/operations/operations/spaces/remove");
          const gone = await local.call(removeSpace, { space: first });
          return say(host, json, gone, `Removed ${escapeLine(first ?? "")}`);
        }
        default:
          return showAll(host, local, json);
      }
    });
  },
};
