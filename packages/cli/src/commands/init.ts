import { join, resolve } from "node:path";
import { expandHome } from "@cairn/server/settings/data-folder";
import { type Command, flagOf, type Given, textOf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { chosenClients, clientOptions, projectOf } from "../connect/client-options.ts";
import type { PlanNotes } from "../connect/apply-plan.ts";
import type { Host } from "../host.ts";
import { type Client, clientNames, type FileEdit } from "../init/file-edit.ts";
import { settingsFlags } from "../local/with-local.ts";
import { canAsk, confirm } from "../output/confirm.ts";

/** The clients to connect when none was named: each that is installed and wanted. */
const askForClients = async (host: Host, found: readonly Client[]): Promise<readonly Client[]> => {
  const wanted: Client[] = [];
  for (const client of found) {
    if (await confirm(host, `Connect ${clientNames[client]}?`, true)) wanted.push(client);
  }
  return wanted;
};

const showChoices = async (host: Host, found: readonly Client[]): Promise<void> => {
  const { clients } = await import("../init/file-edit.ts");
  const lines = clients.map(
    (client) => `  cairn init --${client}${found.includes(client) ? "     (seems to be installed)" : ""}\n`,
  );
  await host.out.write(`Say which client to connect:\n${lines.join("")}`);
};

/** A data folder that was chosen by name is written into the clients' files, so that they use it too. */
const chosenData = (host: Host, given: Given): { readonly data?: string } => {
  const chosen = settingsFlags(host, given).data ?? (host.env["CAIRN_DATA"] || undefined);
  return chosen === undefined ? {} : { data: resolve(host.cwd, expandHome(chosen, host.home)) };
};

interface TribalPart {
  readonly edits: readonly FileEdit[];
  readonly notes: PlanNotes;
}

const planTribal = async (host: Host, given: Given): Promise<TribalPart> => {
  const [{ planFromTribal }, { readSettings }] = await Promise.all([
    import("../init/from-tribal.ts"),
    import("@cairn/server/settings"),
  ]);
  const { data } = await readSettings(settingsFlags(host, given), host);
  const [path] = given.arguments;
  const {
    edit,
    source,
    settings,
    notTaken,
    kept,
    data: memories,
    commands,
  } = await planFromTribal({
    host,
    settingsPath: join(data, "config.yaml"),
    ...(path === undefined ? {} : { configPath: resolve(host.cwd, path) }),
  });
  const text = [
    ...notTaken.map(({ field, reason }) => `  not taken over: ${field} (${reason})`),
    ...kept.map((name) => `  kept as it is: ${name}`),
    `TribalMemory's memories: ${memories}. To bring them along:`,
    ...commands.map((command) => `  ${command}`),
    "",
  ];
  return {
    edits: [edit],
    notes: {
      json: { fromTribal: { source, settings, notTaken, kept, data: memories, commands } },
      text: text.join("\n"),
    },
  };
};

export const init: Command = {
  name: "init",
  summary: "Connect Cairn to the agents that you use",
  usage: ["[--claude-code] [--claude-desktop] [--codex] [options]", "--from-tribal [path of its config.yaml]"],
  arguments: { least: 0, most: 1, completes: "file" },
  options: clientOptions,
  notes: [
    "Everything else in a client's file stays as it is, a backup is left beside it, and cairn uninit undoes it.",
    "Without an option it finds the clients that are installed and asks.",
  ],
  run: async (host, given) => {
    const { applyPlan, noNotes } = await import("../connect/apply-plan.ts");
    const fromTribal = flagOf(given, "from-tribal");
    let chosen = chosenClients(given);
    if (chosen.length === 0 && !fromTribal) {
      const { installedClients } = await import("../connect/installed-clients.ts");
      const found = await installedClients(host);
      if (found.length === 0 || !canAsk(host)) {
        await showChoices(host, found);
        return exitCodes.ok;
      }
      chosen = await askForClients(host, found);
      if (chosen.length === 0) return exitCodes.ok;
    }
    const [{ planInit }, { ownLaunch }] = await Promise.all([
      import("../init/plan.ts"),
      import("../connect/own-launch.ts"),
    ]);
    const instance = textOf(given, "instance");
    const edits = await planInit({
      clients: chosen,
      launch: ownLaunch(host.platform),
      host,
      ...projectOf(host, given),
      ...(instance === undefined ? {} : { instance }),
      ...chosenData(host, given),
    });
    const tribal = fromTribal ? await planTribal(host, given) : { edits: [], notes: noNotes };
    return applyPlan(host, given, [...edits, ...tribal.edits], tribal.notes);
  },
};
