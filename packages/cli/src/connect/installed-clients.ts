/** Which of the clients that we can connect seem to be installed: those that have a configuration, or a folder for it. */
import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { clientFile, type Host } from "../init/client-files.ts";
import { type Client, clients } from "../init/file-edit.ts";

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const traces = (client: Client, host: Host): readonly string[] => {
  const file = clientFile(client, host, null);
  // Claude Code's file lies in the home folder itself, which everybody has.
  return client === "claude-code" ? [file, join(host.home, ".claude")] : [file, dirname(file)];
};

export const installedClients = async (host: Host): Promise<readonly Client[]> => {
  const found = await Promise.all(
    clients.map(async (client) => (await Promise.all(traces(client, host).map(exists))).includes(true)),
  );
  return clients.filter((_, index) => found[index] === true);
};
