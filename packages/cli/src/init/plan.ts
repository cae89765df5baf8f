/**
 * Plans what `cairn init` and `cairn uninit` do, writing nothing. Every refusal (a broken file, a folder without
 * permission to read) happens here, so a plan that comes back is safe to show and to apply.
 *
 * `uninit` first looks for the text that `init` started from: a backup beside the file from which the same entry
 * makes exactly today's text. Then that backup is put back, byte for byte. Otherwise the file has lived on since,
 * and only the entry is taken out.
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { backupMark } from "./apply-edits.ts";
import { clientFile, type Host } from "./client-files.ts";
import type { ClientFormat } from "./client-format.ts";
import { type ConfigText, readConfigText } from "./config-text.ts";
import type { Client, FileEdit, Launch, ServerEntry } from "./file-edit.ts";
import { jsonClient } from "./json-client.ts";
import { tomlClient } from "./toml-client.ts";

export interface InitOptions {
  readonly clients: readonly Client[];
  /** What a client runs to talk to Cairn over stdio. */
  readonly launch: Launch;
  readonly host: Host;
  /** A project's folder: Claude Code is then connected for that project only, in its `.mcp.json`. */
  readonly project?: string;
  /** Name of this agent, when the user chose one; otherwise each client gets its own name, unless it has one. */
  readonly instance?: string;
  /** Data folder, only when the user chose one. */
  readonly data?: string;
}

export interface UninitOptions {
  readonly clients: readonly Client[];
  readonly host: Host;
  readonly project?: string;
}

const formats: Readonly<Record<Client, ClientFormat>> = {
  "claude-code": jsonClient("stdio"),
  "claude-desktop": jsonClient(null),
  codex: tomlClient,
};

const entryFor = (client: Client, { launch, instance, data }: InitOptions): ServerEntry => ({
  launch,
  env: {
    ...(instance === undefined ? {} : { CAIRN_INSTANCE: instance }),
    ...(data === undefined ? {} : { CAIRN_DATA: data }),
  },
  envDefaults: instance === undefined ? { CAIRN_INSTANCE: client } : {},
});

/** A project's file is for the team to read; the others may hold keys, so only their owner reads them. */
const modeOf = (client: Client, project: string | undefined): number =>
  client === "claude-code" && project !== undefined ? 0o644 : 0o600;

/** What must be written so that each client starts Cairn. Throws "config.invalid" for a file it cannot edit. */
export const planInit = async (options: InitOptions): Promise<readonly FileEdit[]> => {
  const plan: FileEdit[] = [];
  for (const client of new Set(options.clients)) {
    const config = await readConfigText(clientFile(client, options.host, options.project ?? null));
    const { text, outcome } = formats[client].connect(config.text, entryFor(client, options), config.path);
    const { path, target, text: before } = config;
    const mode = modeOf(client, options.project);
    plan.push({ client, path, target, before, after: outcome === "already-connected" ? before : text, outcome, mode });
  }
  return plan;
};

/** Texts of the backups beside a file, newest first. */
export const backupTexts = async (target: string): Promise<readonly string[]> => {
  const folder = dirname(target);
  const names = await readdir(folder).catch((): string[] => []);
  const backups = names
    .filter((name) => name.startsWith(`${basename(target)}${backupMark}`))
    .toSorted()
    .toReversed();
  const texts: string[] = [];
  for (const name of backups) {
    const { text } = await readConfigText(join(folder, name)).catch(() => ({ text: null }));
    if (text !== null) texts.push(text);
  }
  return texts;
};

/** The text from which connecting made today's: a backup's, `null` for no file, `undefined` when there is none. */
const textBefore = async (format: ClientFormat, config: ConfigText): Promise<string | null | undefined> => {
  const entry = format.read(config.text ?? "", config.path);
  if (entry === null) return undefined;
  const made = (earlier: string | null): boolean => {
    try {
      const { text, outcome } = format.connect(earlier, entry, config.path);
      return outcome === "connected" && text === config.text;
    } catch {
      return false;
    }
  };
  return [...(await backupTexts(config.target)), null].find(made);
};

/** What must be written so that no client starts Cairn any more; everything else in the files stays. */
export const planUninit = async (options: UninitOptions): Promise<readonly FileEdit[]> => {
  const plan: FileEdit[] = [];
  for (const client of new Set(options.clients)) {
    const config = await readConfigText(clientFile(client, options.host, options.project ?? null));
    const { path, target, text: before } = config;
    const without = before === null ? null : formats[client].disconnect(before, path);
    const mode = modeOf(client, options.project);
    if (without === null) {
      plan.push({ client, path, target, before, after: before, outcome: "not-connected", mode });
      continue;
    }
    const earlier = await textBefore(formats[client], config);
    const after = earlier === undefined ? without : earlier;
    plan.push({ client, path, target, before, after, outcome: "disconnected", mode });
  }
  return plan;
};
