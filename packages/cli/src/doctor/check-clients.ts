/** Which clients are connected. Not being so is no fault; a file that its client cannot read either is one. */
import { toCairnError } from "@cairn/kernel/error";
import { installedClients } from "../connect/installed-clients.ts";
import type { Host } from "../init/client-files.ts";
import { type Client, clientNames, clients } from "../init/file-edit.ts";
import { planUninit } from "../init/plan.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

const checkClient = async (client: Client, host: Host, installed: boolean): Promise<Finding> => {
  const name = clientNames[client];
  try {
    const [edit] = await planUninit({ clients: [client], host });
    if (edit?.outcome === "disconnected") return ok(name, `connected (${edit.path})`);
    return installed ? note(name, "installed, not connected", `cairn init --${client}`) : note(name, "not found");
  } catch (error) {
    const { message, data } = toCairnError(error);
    return problem(name, message, data.hint ?? "Mend that file");
  }
};

export const checkClients = async (host: Host): Promise<readonly Finding[]> => {
  const installed = await installedClients(host);
  return Promise.all(clients.map((client) => checkClient(client, host, installed.includes(client))));
};
