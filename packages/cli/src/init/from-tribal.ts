/**
 * `cairn init --from-tribal`: takes over the settings of an installed TribalMemory and says how to bring its
 * memories along. Its LanceDB folder can only be read by its own library, so the memories come as the bundle that
 * TribalMemory itself exports over HTTP (it has no command for that).
 */
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import type { JsonValue } from "@cairn/memory/memory/memory";
import type { Host } from "./client-files.ts";
import { readConfigText } from "./config-text.ts";
import type { FileEdit } from "./file-edit.ts";
import { backupTexts } from "./plan.ts";
import { addSettings, removeSettings } from "./settings-text.ts";
import { readTribalConfig, type TribalConfig, type TribalSettings } from "./tribal-settings.ts";

export interface FromTribalOptions {
  readonly host: Host;
  /** Cairn's own `config.yaml`, in the data folder. */
  readonly settingsPath: string;
  /** TribalMemory's configuration, when it is not where `TRIBAL_MEMORY_CONFIG` or the default says. */
  readonly configPath?: string;
}

export interface FromTribal {
  readonly edit: FileEdit;
  /** TribalMemory's configuration that was read, or `null` when it ran on its defaults. */
  readonly source: string | null;
  readonly settings: TribalSettings;
  readonly notTaken: TribalConfig["notTaken"];
  /** Names of Cairn's settings that were already set otherwise, and stay. */
  readonly kept: readonly string[];
  /** Where TribalMemory's memories are, in words. */
  readonly data: string;
  /** What to run to bring them along, in this order; lines that begin with `#` explain. */
  readonly commands: readonly string[];
}

const expandHome = (path: string, home: string): string => (/^~(?=$|[\\/])/.test(path) ? home + path.slice(1) : path);

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/iu.test(host);
/** As the server's settings want a name to be. */
const isInstance = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/u.test(name);

/** The settings under the names they have in `config.yaml`: only those that the server knows, with values it takes. */
export const settingsAsWritten = (settings: TribalSettings): Readonly<Record<string, JsonValue>> => {
  const { instance, host, port, sessionRetentionDays } = settings;
  const written: Readonly<Record<string, JsonValue | undefined>> = {
    instance: instance !== undefined && isInstance(instance) ? instance : undefined,
    host: host !== undefined && isLoopback(host) ? host : undefined,
    port,
    session_retention_days: sessionRetentionDays,
  };
  return Object.fromEntries(
    Object.entries(written).filter((pair): pair is [string, JsonValue] => pair[1] !== undefined),
  );
};

/** What was read and understood, but that this version has no setting for. */
const settingsNotWritten = ({
  instance,
  host,
  embedding,
  requireKey,
  sync,
}: TribalSettings): TribalConfig["notTaken"] => [
  ...(instance === undefined || isInstance(instance)
    ? []
    : [{ field: "instance_id", reason: "a name of letters, digits and . _ : @ - is needed; set `instance` yourself" }]),
  ...(host === undefined || isLoopback(host)
    ? []
    : [{ field: "server.host", reason: "without keys only this machine may connect" }]),
  ...(embedding === undefined ? [] : [{ field: "embedding", reason: "this version has its built-in embedder only" }]),
  ...(requireKey === true
    ? [{ field: "auth", reason: "this version has no keys; only this machine may connect" }]
    : []),
  ...(sync === undefined ? [] : [{ field: "sync", reason: "this version does not sync" }]),
];

/** A port next to the one that both products use, so that TribalMemory can run while Cairn does. */
const exportPort = 18791;

const exportCommands = (source: string | null, provider: string): readonly string[] => {
  const config = source === null ? "" : ` --config "${source}"`;
  const fetch = (port: number): string =>
    `curl -sS -X POST http://127.0.0.1:${port}/v1/export -H "content-type: application/json" -d "{}" -o tribal-export.json`;
  const start =
    provider === "memory"
      ? ["# Its memories live only in its running server: leave that running, and ask it (put its port for 18790)."]
      : [
          "# Stop TribalMemory where it runs (`tribalmemory service stop`), then in a terminal of its own:",
          `tribalmemory serve${config} --host 127.0.0.1 --port ${exportPort}`,
          "# When it answers, in another terminal:",
        ];
  return [
    ...start,
    fetch(provider === "memory" ? 18790 : exportPort),
    "cairn import tribal-export.json",
    "# Sessions are not part of that bundle, and it holds at most 100,000 memories.",
  ];
};

const describeData = ({ provider, path }: TribalConfig["data"], home: string, found: boolean): string => {
  switch (provider) {
    case "lancedb": {
      const folder = expandHome(path ?? "", home);
      return found
        ? `${folder} (LanceDB: only TribalMemory's own library can read it, so let it export a bundle)`
        : `${folder}, which does not exist: there may be nothing to bring along`;
    }
    case "memory":
      return "only in TribalMemory's running server";
    default:
      return `a ${provider} database (its address, which may hold a password, is not shown)`;
  }
};

const editOf = (
  config: { readonly path: string; readonly target: string; readonly text: string | null },
  after: string | null,
  outcome: FileEdit["outcome"],
): FileEdit => ({
  client: "cairn",
  path: config.path,
  target: config.target,
  before: config.text,
  after,
  outcome,
  mode: 0o600,
});

/** Plans taking over TribalMemory's settings; writes nothing. Throws "config.invalid" when there is none to read. */
export const planFromTribal = async (options: FromTribalOptions): Promise<FromTribal> => {
  const { host, settingsPath } = options;
  const chosen = options.configPath ?? host.env["TRIBAL_MEMORY_CONFIG"];
  const path = resolve(expandHome(chosen ?? join(host.home, ".tribal-memory", "config.yaml"), host.home));
  const { text } = await readConfigText(path);
  const tribal = readTribalConfig(text ?? "", path);
  const folder = expandHome(tribal.data.path ?? "", host.home);
  const found = tribal.data.path !== null && (await exists(folder));
  if (text === null && (chosen !== undefined || !found)) {
    throw new CairnError("config.invalid", `No TribalMemory configuration at ${path}.`, {
      hint: "Give its path: cairn init --from-tribal <path to config.yaml>.",
    });
  }
  const source = text === null ? null : path;
  const own = await readConfigText(settingsPath);
  const { text: after, kept } = addSettings(own.text, settingsAsWritten(tribal.settings), settingsPath);
  const changed = after !== (own.text ?? "");
  return {
    edit: editOf(own, changed ? after : own.text, changed ? "settings-taken" : "settings-already-taken"),
    source,
    settings: tribal.settings,
    notTaken: [...tribal.notTaken, ...settingsNotWritten(tribal.settings)],
    kept,
    data: describeData(tribal.data, host.home, found),
    commands: exportCommands(source, tribal.data.provider),
  };
};

/** Plans taking the settings out again: the very text before when it is still known, else without the block. */
export const planUninitTribal = async (settingsPath: string): Promise<FileEdit> => {
  const own = await readConfigText(settingsPath);
  const without = own.text === null ? null : removeSettings(own.text);
  if (without === null) return editOf(own, own.text, "no-settings-taken");
  const earlier = (await backupTexts(own.target)).find(
    (backup) => backup.replace(/\r?\n$/, "") === without.replace(/\r?\n$/, ""),
  );
  return editOf(own, earlier ?? (without === "" ? null : without), "settings-removed");
};
