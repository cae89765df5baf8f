/**
 * The settings of a server: one schema with its help, read once at the start. A flag wins over the environment, the
 * environment over `config.yaml` in the data folder, that over the default. A wrong value is an error that names where
 * it came from; a setting that nobody knows is only a warning, so that files outlive versions.
 */
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { type ConfigEntries, readConfigFile } from "./settings/config-file.ts";
import { defaultDataFolder, expandHome, type Machine } from "./settings/data-folder.ts";
import { defaultInstanceId, isInstanceId } from "./settings/instance-id.ts";
import { fromTribalConfig, isTribalConfig } from "./settings/tribal-config.ts";

const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  const inRange = (given: number): boolean => Number.isInteger(given) && given >= min && given <= max;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}$/u, message)
          .transform(Number),
      ],
      message,
    )
    .refine(inRange, message);
};
const text = (what: string) => z.string(`must be ${what}`).trim().min(1, `must be ${what}`);
const names = z.union(
  [
    z.array(z.string()),
    z.string().transform((given) =>
      given
        .split(",")
        .map((name) => name.trim())
        .filter(Boolean),
    ),
  ],
  "must be a list of names",
);

/** What can be set, under the names of `config.yaml`; flags and variables are listed beside it. */
export const settingsSchema = z.object({
  host: text("an address such as 127.0.0.1")
    .default("127.0.0.1")
    .describe("Address to listen on. Only loopback addresses, as long as there are no keys."),
  port: wholeNumber(0, 65_535).default(18_790).describe("Port to listen on; 0 takes any free one."),
  data: text("a folder").optional().describe("Folder with all memories. Not read from config.yaml, which lies in it."),
  instance: text("a name")
    .refine(isInstanceId, "must be 1 to 100 letters, digits or . _ : @ -, such as my-laptop")
    .optional()
    .describe("The name of this agent or machine, recorded with every memory that is written here."),
  session_retention_days: wholeNumber(0, 36_500)
    .default(30)
    .describe("Days that ingested session transcripts are kept; 0 keeps them for good."),
  deleted_retention_days: wholeNumber(0, 36_500)
    .default(30)
    .describe("Days that a deleted memory can be brought back before it is erased; 0 keeps it for good."),
  allowed_hosts: names.default([]).describe("Further names under which clients may reach the server."),
});

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Absolute path. */
  readonly data: string;
  readonly instance: string;
  readonly sessionRetentionDays: number;
  readonly deletedRetentionDays: number;
  readonly allowedHosts: readonly string[];
  /** Things to tell the user once; nothing failed. */
  readonly warnings: readonly string[];
}

/** Flags as the command line gave them: names of `settingsSchema`, and `config` for another configuration file. */
export interface SettingsFlags {
  readonly host?: string;
  readonly port?: string | number;
  readonly data?: string;
  readonly instance?: string;
  readonly config?: string;
}

/** The variable that sets each setting. */
export const variables = {
  host: "CAIRN_HOST",
  port: "CAIRN_PORT",
  data: "CAIRN_DATA",
  instance: "CAIRN_INSTANCE",
  session_retention_days: "CAIRN_SESSION_RETENTION_DAYS",
  deleted_retention_days: "CAIRN_DELETED_RETENTION_DAYS",
  allowed_hosts: "CAIRN_ALLOWED_HOSTS",
} as const satisfies Readonly<Record<keyof typeof settingsSchema.shape, string>>;
type Name = keyof typeof variables;
const settingNames = Object.keys(variables) as readonly Name[];

export const thisMachine = (): Machine => ({
  platform: process.platform,
  home: homedir(),
  hostname: hostname(),
  env: process.env,
});

interface Given {
  readonly value: unknown;
  /** How the user would say where it came from. */
  readonly from: string;
}

const given = (name: Name, flags: SettingsFlags, machine: Machine, file: ConfigEntries, path: string): Given | null => {
  const flag = name in flags ? flags[name as keyof SettingsFlags] : undefined;
  if (flag !== undefined) return { value: flag, from: `--${name.replaceAll("_", "-")}` };
  const variable = machine.env[variables[name]];
  if (variable !== undefined && variable !== "") return { value: variable, from: variables[name] };
  const entry = Object.hasOwn(file, name) ? file[name] : undefined;
  return entry === undefined || entry === null || name === "data" ? null : { value: entry, from: `${name} in ${path}` };
};

const invalid = (from: string, message: string): CairnError =>
  new CairnError("config.invalid", `${from} ${message}.`, {
    hint: `Correct ${from}, or leave it out for the default.`,
  });

const checked = <Key extends Name>(name: Key, found: Given | null): z.output<typeof settingsSchema>[Key] => {
  const result = settingsSchema.shape[name].safeParse(found === null ? undefined : found.value);
  if (result.success) return result.data as z.output<typeof settingsSchema>[Key];
  throw invalid(found?.from ?? name, result.error.issues[0]?.message ?? "is not valid");
};

/**
 * Reads every source. Throws config.invalid naming the flag, variable or file and what would be right.
 * `machine` is a parameter so that tests need not touch the environment of the process.
 */
export const readSettings = async (flags: SettingsFlags = {}, machine: Machine = thisMachine()): Promise<Settings> => {
  if ((machine.env["CAIRN_DATABASE_URL"] ?? "") !== "") {
    throw new CairnError(
      "config.invalid",
      "CAIRN_DATABASE_URL is set, but this version stores memories in files only.",
      {
        hint: "Unset CAIRN_DATABASE_URL; CAIRN_DATA names the folder.",
      },
    );
  }
  const chosen = checked("data", given("data", flags, machine, {}, ""));
  const data = resolve(chosen === undefined ? defaultDataFolder(machine) : expandHome(chosen, machine.home));
  const path = flags.config === undefined ? join(data, "config.yaml") : resolve(expandHome(flags.config, machine.home));
  const entries = await readConfigFile(path);
  if (entries === null && flags.config !== undefined) throw invalid("--config", `names ${path}, which does not exist`);
  const tribal = entries !== null && isTribalConfig(entries);
  const file = entries === null ? {} : tribal ? fromTribalConfig(entries) : entries;
  const value = <Key extends Name>(name: Key) => checked(name, given(name, flags, machine, file, path));
  const unknown = tribal ? [] : Object.keys(file).filter((name) => !settingNames.includes(name as Name));
  return {
    host: value("host"),
    port: value("port"),
    data,
    instance: value("instance") ?? defaultInstanceId(machine.hostname),
    sessionRetentionDays: value("session_retention_days"),
    deletedRetentionDays: value("deleted_retention_days"),
    allowedHosts: value("allowed_hosts"),
    warnings: [
      ...unknown.map((name) => `${path}: there is no setting \`${name.slice(0, 60)}\`; it is ignored.`),
      ...("data" in file ? [`${path}: \`data\` is ignored here; use CAIRN_DATA or --data.`] : []),
    ],
  };
};
