/** The options that `init` and `uninit` share. */
import { resolve } from "node:path";
import { type Given, flagOf, jsonOption, type Option, textOf } from "../command.ts";
import type { Host } from "../host.ts";
import { type Client, clients } from "../init/file-edit.ts";
import { dataOptions } from "../options/data-options.ts";

const describe: Readonly<Record<Client, string>> = {
  "claude-code": "Claude Code, for all projects (or one, with --project).",
  "claude-desktop": "Claude Desktop.",
  codex: "Codex.",
};

export const clientOptions: readonly Option[] = [
  ...clients.map((name): Option => ({ name, describe: describe[name] })),
  { name: "from-tribal", describe: "The settings of an installed TribalMemory." },
  {
    name: "project",
    value: "FOLDER",
    completes: "folder",
    describe: "Claude Code in this project only: its .mcp.json, which a team shares.",
  },
  { name: "dry-run", describe: "Show what would be written and write nothing." },
  { name: "yes", short: "y", describe: "Do not ask." },
  jsonOption,
  ...dataOptions,
];

export const chosenClients = (given: Given): readonly Client[] => {
  const named = clients.filter((client) => flagOf(given, client));
  return named.length === 0 && flagOf(given, "project") ? ["claude-code"] : named;
};

export const projectOf = (host: Host, given: Given): { readonly project?: string } => {
  const project = textOf(given, "project");
  return project === undefined ? {} : { project: resolve(host.cwd, project) };
};
