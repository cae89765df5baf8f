/** Everything that `cairn doctor` looks at, in the order in which one thing needs the other. */
import { toCairnError } from "@cairn/kernel/error";
import { type DatabaseSettings, readSettings, type Settings, type SettingsFlags } from "@cairn/server/settings";
import type { Host } from "../host.ts";
import { openLocalServices } from "../local/open-local.ts";
import { checkAccess } from "./check-access.ts";
import { checkClients } from "./check-clients.ts";
import { checkEmbedder } from "./check-embedder.ts";
import { checkFolder } from "./check-folder.ts";
import { checkServer } from "./check-server.ts";
import { checkSpaces } from "./check-spaces.ts";
import { type Finding, problem } from "./finding.ts";
import type { FillProgress } from "./fill-vectors.ts";

export interface Examination {
  readonly flags: SettingsFlags;
  readonly repair: boolean;
  /** Every space of a database, not only some of many. */
  readonly all: boolean;
  readonly progress: FillProgress;
}

const examineData = async (
  host: Host,
  settings: Settings,
  { repair, progress }: Examination,
): Promise<readonly Finding[]> => {
  const { findings, exists } = await checkFolder(settings.data);
  const embedder = await checkEmbedder();
  if (!exists || embedder.level === "problem") return [...findings, embedder];
  try {
    await using services = await openLocalServices(settings);
    const spaces = await checkSpaces({ data: settings.data, services, repair, signal: host.signal, progress });
    // Without the directory there is nobody to ask who may sign in.
    const isLost = spaces.some(({ check, level }) => check === "directory" && level === "problem");
    const access = isLost ? [] : await checkAccess({ settings, services, signal: host.signal });
    return [...findings, embedder, ...spaces, ...access];
  } catch (error) {
    if (host.signal.aborted) throw error;
    const { code, message, data } = toCairnError(error);
    return [...findings, embedder, problem("spaces", `${message} [${code}]`, data.hint ?? "See what is said above")];
  }
};

/** A database instead of files; what the folder then lacks is no fault. */
const examineDatabase = async (
  host: Host,
  settings: Settings,
  database: DatabaseSettings,
  { repair, all, progress }: Examination,
): Promise<readonly Finding[]> => {
  const [{ checkDatabase }, { checkDatabaseSpaces }] = await Promise.all([
    import("./check-database.ts"),
    import("./check-database-spaces.ts"),
  ]);
  const folder = (await checkFolder(settings.data)).findings.filter(({ level }) => level === "problem");
  const embedder = await checkEmbedder();
  const { findings, ready } = await checkDatabase(database);
  const first = [...findings, ...folder, embedder];
  if (!ready || folder.length > 0 || embedder.level === "problem") return first;
  try {
    await using services = await openLocalServices(settings);
    const spaces = await checkDatabaseSpaces({ services, repair, all, signal: host.signal, progress });
    return [...first, ...spaces, ...(await checkAccess({ settings, services, signal: host.signal }))];
  } catch (error) {
    if (host.signal.aborted) throw error;
    const { code, message, data } = toCairnError(error);
    return [...first, problem("spaces", `${message} [${code}]`, data.hint ?? "See what is said above")];
  }
};

/** What has to do with data, settings and clients; whether Node and the driver work is asked before this is loaded. */
export const examine = async (host: Host, examination: Examination): Promise<readonly Finding[]> => {
  let settings: Settings;
  try {
    settings = await readSettings(examination.flags, host);
  } catch (error) {
    const { message, data } = toCairnError(error);
    return [problem("settings", message, data.hint ?? "Correct it, or leave it out for the default")];
  }
  const warnings = settings.warnings.map((warning) => problem("settings", warning, "Correct or remove it"));
  const { database } = settings;
  const data = await (database === null
    ? examineData(host, settings, examination)
    : examineDatabase(host, settings, database, examination));
  return [...warnings, ...data, await checkServer(settings.host, settings.port), ...(await checkClients(host))];
};
