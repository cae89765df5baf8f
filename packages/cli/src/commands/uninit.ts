import { join } from "node:path";
import { type Command, flagOf } from "../command.ts";
import { chosenClients, clientOptions, projectOf } from "../connect/client-options.ts";
import { clients } from "../init/file-edit.ts";
import { settingsFlags } from "../local/with-local.ts";

export const uninit: Command = {
  name: "uninit",
  summary: "Take Cairn out of the agents' configuration again",
  usage: ["[--claude-code] [--claude-desktop] [--codex] [--from-tribal] [options]"],
  arguments: { least: 0, most: 0 },
  options: clientOptions,
  notes: ["Without an option it disconnects every client. Memories stay where they are."],
  run: async (host, given) => {
    const [{ planUninit }, { applyPlan, noNotes }] = await Promise.all([
      import("../init/plan.ts"),
      import("../connect/apply-plan.ts"),
    ]);
    const fromTribal = flagOf(given, "from-tribal");
    const named = chosenClients(given);
    const chosen = named.length === 0 && !fromTribal ? clients : named;
    const edits = [...(await planUninit({ clients: chosen, host, ...projectOf(host, given) }))];
    if (fromTribal) {
      const [{ planUninitTribal }, { readSettings }] = await Promise.all([
        import("../init/from-tribal.ts"),
        import("@cairn/server/settings"),
      ]);
      const { data } = await readSettings(settingsFlags(host, given), host);
      edits.push(await planUninitTribal(join(data, "config.yaml")));
    }
    return applyPlan(host, given, edits, noNotes);
  },
};
