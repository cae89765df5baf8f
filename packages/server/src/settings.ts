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
import { isEndpoint, type ObserveSettings, parseHeaders, tracingOf } from "./observe/observe-settings.ts";
import { type Cells, cellsSetting } from "./cells/cell-settings.ts";
import { type ConfigEntries, readConfigFile } from "./settings/config-file.ts";
import { defaultDataFolder, expandHome, type Machine } from "./settings/data-folder.ts";
import {
  type AccessSettings,
  accessSecrets,
  accessSettingsOf,
  accessShape,
  accessVariables,
} from "./settings/access-settings.ts";
import { type MailSettings, mailSecrets, mailSettingsOf, mailShape, mailVariables } from "./settings/mail-settings.ts";
import { type PlanSettings, planSettingsOf, planShape, planVariables } from "./settings/plan-settings.ts";
import { amount, names, onOrOff, share, text, wholeNumber } from "./settings/setting-types.ts";
import { defaultInstanceId, isInstanceId } from "./settings/instance-id.ts";
import { readSecret } from "./settings/secret-file.ts";
import { fromTribalConfig, isTribalConfig } from "./settings/tribal-config.ts";

/** What can be set, under the names of `config.yaml`; flags and variables are listed beside it. */
export const settingsSchema = z.object({
  host: text("an address such as 127.0.0.1")
    .default("127.0.0.1")
    .describe("Address to listen on. Others than loopback take sign-in: run `cairn admin init` first."),
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
  database_url: text("an address such as postgres://user:password@host:5432/name")
    .refine((given) => /^postgres(?:ql)?:\/\//u.test(given), "must begin with postgres://")
    .optional()
    .describe(
      "A PostgreSQL with pgvector that keeps everything, for many servers; files in the data folder otherwise.",
    ),
  migration_database_url: text("an address such as postgres://owner:password@host:5432/name")
    .refine((given) => /^postgres(?:ql)?:\/\//u.test(given), "must begin with postgres://")
    .optional()
    .describe("The same database for the account that may change its tables; database_url when absent."),
  cells: cellsSetting
    .default({})
    .describe("Further databases by name, to which spaces can be moved: eu=postgres://… us=postgres://…."),
  database_connections: wholeNumber(2, 1_000)
    .default(20)
    .describe("Connections of this server to the database for memories; the directory and jobs take a few more."),
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
  log_format: z
    .enum(["auto", "text", "json"], "must be auto, text or json")
    .default("auto")
    .describe(
      "Lines for people or for machines; auto: for machines where others are served and no terminal shows them.",
    ),
  log_level: z
    .enum(["error", "warn", "info", "debug"], "must be error, warn, info or debug")
    .default("info")
    .describe("The least that is logged."),
  log_requests: onOrOff.optional().describe("A log line for each request; by default where others are served."),
  tracing: onOrOff.optional().describe("Traces of calls; by default where OTEL_EXPORTER_OTLP_ENDPOINT is set."),
  tracing_endpoint: text("an address such as http://localhost:4318")
    .refine(isEndpoint, "must be an address such as http://localhost:4318")
    .optional()
    .describe("The collector of traces, which speaks OTLP over HTTP (http://localhost:4318)."),
  tracing_headers: text("names and values such as x-key=abc")
    .transform(parseHeaders)
    .refine((given) => given !== null, "must be names and values such as x-key=abc")
    .optional()
    .describe("Headers for that collector, such as its key; better in the environment."),
  tracing_ratio: share.default(1).describe("Share of the traces that begin here which is kept, 0 to 1."),
  shutdown_delay_ms: wholeNumber(0, 600_000)
    .default(0)
    .describe("How long calls are still taken after the server said that it ends; 5000 behind a load balancer."),
  shutdown_timeout_ms: wholeNumber(0, 600_000)
    .default(10_000)
    .describe("How long calls that are under way may then take to end."),
  ...accessShape,
  ...mailShape,
  ...planShape,
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

/** How a server ends (OPS-5). */
export interface ShutdownSettings {
  readonly delayMs: number;
  readonly timeoutMs: number;
}

/** A PostgreSQL. Addresses hold passwords: they are told to nobody. */
export interface DatabaseSettings {
  readonly url: string;
  readonly migrationUrl: string;
  readonly connections: number;
  /** Further databases by name (ENG-8). */
  readonly cells: Cells;
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
  /** Null: files in the data folder. */
  readonly database: DatabaseSettings | null;
  readonly vectorPoolBytes: number;
  readonly rerank: RerankMode;
  /** Folder of the cross-encoder. */
  readonly reranker: string | null;
  readonly extraction: ExtractionSettings | null;
  readonly observe: ObserveSettings;
  readonly shutdown: ShutdownSettings;
  readonly access: AccessSettings;
  readonly mail: MailSettings;
  readonly plans: PlanSettings;
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
  readonly database_url?: string;
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
  database_url: "CAIRN_DATABASE_URL",
  migration_database_url: "CAIRN_MIGRATION_DATABASE_URL",
  cells: "CAIRN_CELLS",
  database_connections: "CAIRN_DATABASE_CONNECTIONS",
  vector_pool_mb: "CAIRN_VECTOR_POOL_MB",
  rerank: "CAIRN_RERANK",
  reranker: "CAIRN_RERANKER",
  extraction_url: "CAIRN_EXTRACTION_URL",
  extraction_model: "CAIRN_EXTRACTION_MODEL",
  extraction_api_key: "CAIRN_EXTRACTION_API_KEY",
  log_format: "CAIRN_LOG",
  log_level: "CAIRN_LOG_LEVEL",
  log_requests: "CAIRN_LOG_REQUESTS",
  tracing: "CAIRN_TRACING",
  tracing_endpoint: "OTEL_EXPORTER_OTLP_ENDPOINT",
  tracing_headers: "OTEL_EXPORTER_OTLP_HEADERS",
  tracing_ratio: "CAIRN_TRACING_RATIO",
  shutdown_delay_ms: "CAIRN_SHUTDOWN_DELAY_MS",
  shutdown_timeout_ms: "CAIRN_SHUTDOWN_TIMEOUT_MS",
  ...accessVariables,
  ...mailVariables,
  ...planVariables,
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

/** Secrets may lie in files that only the server reads: the variable with `_FILE` at its end names one. */
const secrets: ReadonlySet<Name> = new Set([
  "database_url",
  "migration_database_url",
  "cells",
  "embedding_api_key",
  "extraction_api_key",
  ...accessSecrets,
  ...mailSecrets,
]);
const given = (name: Name, flags: SettingsFlags, machine: Machine, file: ConfigEntries, path: string): Given | null => {
  const flag = name in flags ? flags[name as keyof SettingsFlags] : undefined;
  if (flag !== undefined) return { value: flag, from: `--${name.replaceAll("_", "-")}` };
  const variable = machine.env[variables[name]];
  if (variable !== undefined && variable !== "") return { value: variable, from: variables[name] };
  const secretFile = secrets.has(name) ? (machine.env[`${variables[name]}_FILE`] ?? "") : "";
  if (secretFile !== "") {
    const from = `${variables[name]}_FILE`;
    return { value: readSecret(from, secretFile), from };
  }
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
  const chosen = checked("data", given("data", flags, machine, {}, ""));
  const data = resolve(chosen === undefined ? defaultDataFolder(machine) : expandHome(chosen, machine.home));
  const path = flags.config === undefined ? join(data, "config.yaml") : resolve(expandHome(flags.config, machine.home));
  const entries = await readConfigFile(path);
  if (entries === null && flags.config !== undefined) throw invalid("--config", `names ${path}, which does not exist`);
  const tribal = entries !== null && isTribalConfig(entries);
  const file = entries === null ? {} : tribal ? fromTribalConfig(entries) : entries;
  const value = <Key extends Name>(name: Key) => checked(name, given(name, flags, machine, file, path));
  const reranker = value("reranker");
  const databaseUrl = value("database_url");
  const access = accessSettingsOf(value);
  const unknown = tribal ? [] : Object.keys(file).filter((name) => !settingNames.includes(name as Name));
  return {
    host: value("host"),
    port: value("port"),
    data,
    instance: value("instance") ?? defaultInstanceId(machine.hostname),
    sessionRetentionDays: value("session_retention_days"),
    deletedRetentionDays: value("deleted_retention_days"),
    // Pages that are served under the public address call it by that name.
    allowedHosts: [...value("allowed_hosts"), ...(access.publicUrl === null ? [] : [new URL(access.publicUrl).host])],
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
    database:
      databaseUrl === undefined
        ? null
        : {
            url: databaseUrl,
            migrationUrl: value("migration_database_url") ?? databaseUrl,
            connections: value("database_connections"),
            cells: value("cells"),
          },
    vectorPoolBytes: value("vector_pool_mb") * megabyte,
    rerank: value("rerank"),
    reranker: reranker === undefined ? null : resolve(expandHome(reranker, machine.home)),
    extraction: extractionOf(value("extraction_url"), value("extraction_model"), value("extraction_api_key")),
    observe: {
      logFormat: value("log_format"),
      logLevel: value("log_level"),
      logRequests: value("log_requests") ?? null,
      tracing: tracingOf({
        wanted: value("tracing"),
        endpoint: value("tracing_endpoint"),
        headers: value("tracing_headers"),
        ratio: value("tracing_ratio"),
      }),
    },
    shutdown: { delayMs: value("shutdown_delay_ms"), timeoutMs: value("shutdown_timeout_ms") },
    access,
    mail: mailSettingsOf(value),
    plans: planSettingsOf(value),
    warnings: [
      ...unknown.map((name) => `${path}: there is no setting \`${name.slice(0, 60)}\`; it is ignored.`),
      ...("data" in file ? [`${path}: \`data\` is ignored here; use CAIRN_DATA or --data.`] : []),
    ],
  };
};
