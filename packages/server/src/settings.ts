/**
 * The settings of a server: one schema with its help, read once at the start. A flag wins over the environment, the
 * environment over `config.yaml` in the data folder, that over the default. A wrong value is an error that names where
 * it came from; a setting that nobody knows is only a warning, so that files outlive versions.
 */
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import { type RerankMode, rerankModes } from "@cairn/memory/recall/reranker";
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
const amount = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,9}(?:\.\d{1,9})?$/u, "must be an amount")
      .transform(Number),
  ])
  .refine((given) => given >= 0, "must not be negative");
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
  embedder: text("builtin, openai, a model's name or a folder")
    .default("builtin")
    .describe("What compares meanings: builtin; a model of `cairn embedder list`; a folder with one; or openai."),
  embedding_url: text("an address such as https://api.openai.com/v1")
    .optional()
    .describe("With embedder openai: the address of any service that speaks OpenAI's API."),
  embedding_model: text("a model's name").optional().describe("With embedder openai: the model to ask for."),
  embedding_dimensions: wholeNumber(1, 4_096).optional().describe("With embedder openai: numbers in a vector."),
  embedding_api_key: text("a key").optional().describe("With embedder openai: its key; better in the environment."),
  embedding_price: amount
    .optional()
    .describe("With embedder openai: what a million tokens cost, for the figures of `cairn embedder status`."),
  embedding_deadline_ms: wholeNumber(1, 600_000)
    .default(1_500)
    .describe("With embedder openai: how long a write waits for its vectors before it is stored without them."),
  embedding_cache_mb: wholeNumber(0, 65_536).default(32).describe("Memory for vectors of texts seen before."),
  embedding_disk_cache_mb: wholeNumber(0, 1_048_576).default(512).describe("The same on disk, in the data folder."),
  vector_pool_mb: wholeNumber(16, 4_096)
    .default(1_024)
    .describe("Memory for the vectors of spaces in use; what does not fit is read from disk at each question."),
  rerank: z
    .enum(rerankModes, "must be none, heuristic or cross-encoder")
    .default("none")
    .describe("How the best are ordered again, where neither the call nor the space says."),
  reranker: text("a folder").optional().describe("Folder of the ONNX cross-encoder for rerank cross-encoder."),
  extraction_url: text("an address such as https://api.openai.com/v1")
    .optional()
    .describe("A service that speaks OpenAI's chat API, to find memories in conversations; none by default."),
  extraction_model: text("a model's name").optional().describe("The model that finds memories in conversations."),
  extraction_api_key: text("a key").optional().describe("The key of that service; better in the environment."),
});

export interface EmbeddingSettings {
  readonly embedder: string;
  readonly url: string | null;
  readonly model: string | null;
  readonly dimensions: number | null;
  readonly apiKey: string | null;
  /** For a million tokens. */
  readonly price: number | null;
  readonly deadlineMs: number;
  readonly cacheBytes: number;
  readonly diskCacheBytes: number;
}

export interface ExtractionSettings {
  readonly url: string;
  readonly model: string;
  readonly apiKey: string | null;
}

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Absolute path. */
  readonly data: string;
  readonly instance: string;
  readonly sessionRetentionDays: number;
  readonly deletedRetentionDays: number;
  readonly allowedHosts: readonly string[];
  readonly embedding: EmbeddingSettings;
  readonly vectorPoolBytes: number;
  readonly rerank: RerankMode;
  /** Folder of the cross-encoder. */
  readonly reranker: string | null;
  readonly extraction: ExtractionSettings | null;
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
  embedder: "CAIRN_EMBEDDER",
  embedding_url: "CAIRN_EMBEDDING_URL",
  embedding_model: "CAIRN_EMBEDDING_MODEL",
  embedding_dimensions: "CAIRN_EMBEDDING_DIMENSIONS",
  embedding_api_key: "CAIRN_EMBEDDING_API_KEY",
  embedding_price: "CAIRN_EMBEDDING_PRICE",
  embedding_deadline_ms: "CAIRN_EMBEDDING_DEADLINE_MS",
  embedding_cache_mb: "CAIRN_EMBEDDING_CACHE_MB",
  embedding_disk_cache_mb: "CAIRN_EMBEDDING_DISK_CACHE_MB",
  vector_pool_mb: "CAIRN_VECTOR_POOL_MB",
  rerank: "CAIRN_RERANK",
  reranker: "CAIRN_RERANKER",
  extraction_url: "CAIRN_EXTRACTION_URL",
  extraction_model: "CAIRN_EXTRACTION_MODEL",
  extraction_api_key: "CAIRN_EXTRACTION_API_KEY",
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

const megabyte = 1_048_576;

const extractionOf = (url?: string, model?: string, apiKey?: string): ExtractionSettings | null => {
  if (url === undefined && model === undefined) return null;
  if (url === undefined || model === undefined)
    throw invalid(variables[url === undefined ? "extraction_url" : "extraction_model"], "is missing: it takes both");
  return { url, model, apiKey: apiKey ?? null };
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
  const reranker = value("reranker");
  const unknown = tribal ? [] : Object.keys(file).filter((name) => !settingNames.includes(name as Name));
  return {
    host: value("host"),
    port: value("port"),
    data,
    instance: value("instance") ?? defaultInstanceId(machine.hostname),
    sessionRetentionDays: value("session_retention_days"),
    deletedRetentionDays: value("deleted_retention_days"),
    allowedHosts: value("allowed_hosts"),
    embedding: {
      embedder: value("embedder"),
      url: value("embedding_url") ?? null,
      model: value("embedding_model") ?? null,
      dimensions: value("embedding_dimensions") ?? null,
      apiKey: value("embedding_api_key") ?? null,
      price: value("embedding_price") ?? null,
      deadlineMs: value("embedding_deadline_ms"),
      cacheBytes: value("embedding_cache_mb") * megabyte,
      diskCacheBytes: value("embedding_disk_cache_mb") * megabyte,
    },
    vectorPoolBytes: value("vector_pool_mb") * megabyte,
    rerank: value("rerank"),
    reranker: reranker === undefined ? null : resolve(expandHome(reranker, machine.home)),
    extraction: extractionOf(value("extraction_url"), value("extraction_model"), value("extraction_api_key")),
    warnings: [
      ...unknown.map((name) => `${path}: there is no setting \`${name.slice(0, 60)}\`; it is ignored.`),
      ...("data" in file ? [`${path}: \`data\` is ignored here; use CAIRN_DATA or --data.`] : []),
    ],
  };
};
