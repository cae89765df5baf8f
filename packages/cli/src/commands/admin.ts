import { adminTable } from "../admin/admin-table.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";

/** What there is to administrate; `run-cli.ts` goes straight to the command that is named. */
export const admin: Command = {
  name: "admin",
  summary: "Administrate a server: people, organisations, keys, plans, usage, audit, databases",
  usage: ["<what> [options]"],
  arguments: { least: 0, most: 1, choices: adminTable.names },
  options: [],
  nested: adminTable,
  notes: [
    "cairn help admin <what> tells more. Whoever can run these commands on the data folder or the database may do",
    "everything; nobody has to sign in for it.",
  ],
  run: async (host) => {
    const { showHelp } = await import("./help.ts");
    await showHelp(host.err, adminTable, admin);
    return exitCodes.usage;
  },
};
