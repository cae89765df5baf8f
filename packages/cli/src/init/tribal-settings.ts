/**
 * TribalMemory's `config.yaml` as settings of Cairn. Used by `cairn init --from-tribal`, and where such a file is
 * given as `--config`. Fields as TribalMemory 0.6.2 and its announced cloud edition write them; keys and passwords
 * are never taken over or shown.
 */
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { brokenConfig } from "./config-text.ts";

/** Only what the file says; all else is Cairn's own default. */
export interface TribalSettings {
  readonly instance?: string;
  readonly host?: string;
  readonly port?: number;
  readonly sessionRetentionDays?: number;
  /** Only for a service with an address; a local model of TribalMemory's is replaced by the built-in one. */
  readonly embedding?: { readonly apiBase: string; readonly model?: string; readonly dimensions?: number };
  /** Whether calls need a key even from this machine. */
  readonly requireKey?: boolean;
  readonly sync?: { readonly url: string; readonly intervalSeconds?: number };
}

export interface TribalConfig {
  readonly settings: TribalSettings;
  /** What has no counterpart, each with the reason. */
  readonly notTaken: readonly { readonly field: string; readonly reason: string }[];
  readonly data: { readonly provider: string; readonly path: string | null };
}

const anyObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Reader {
  readonly root: Readonly<Record<string, unknown>>;
  readonly text: (...path: readonly string[]) => string | undefined;
  readonly whole: (least: number, most: number, ...path: readonly string[]) => number | undefined;
  readonly flag: (...path: readonly string[]) => boolean | undefined;
}

const readerOf = (source: string, path: string): Reader => {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, logLevel: "silent" });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const what = problem.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? "";
    throw brokenConfig(path, lines.linePos(problem.pos[0]).line, `this is not valid YAML: ${what}.`, "Mend this line.");
  }
  const root: unknown = document.contents === null ? {} : document.toJS();
  if (!anyObject(root)) throw brokenConfig(path, 1, "settings (name: value) were expected.", "Check the path.");
  const value = <Kind>(keys: readonly string[], expected: string, fits: (found: unknown) => found is Kind) => {
    const node = document.getIn(keys, true);
    const found = isScalar(node) ? node.value : node;
    if (found === undefined || found === null) return undefined;
    if (fits(found)) return found;
    const at = isScalar(node) || isMap(node) ? (node.range?.[0] ?? 0) : 0;
    throw brokenConfig(path, lines.linePos(at).line, `${keys.join(".")} should be ${expected}.`, "Mend this line.");
  };
  return {
    root,
    text: (...keys) => {
      const isText = (found: unknown): found is string | number =>
        typeof found === "string" || typeof found === "number";
      return value(keys, "a text", isText)?.toString();
    },
    whole: (least, most, ...keys) =>
      value(
        keys,
        `a whole number from ${least} to ${most}`,
        (found): found is number => Number.isInteger(found) && Number(found) >= least && Number(found) <= most,
      ),
    flag: (...keys) => value(keys, "true or false", (found): found is boolean => typeof found === "boolean"),
  };
};

const defined = <Fields extends object>(fields: {
  [Name in keyof Fields]: Fields[Name] | undefined;
}): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;

const ownRecall = "Cairn's recall has its own measured weights";
const secret = "keys are not copied into settings; give it to Cairn again when you turn this on";

const notTakenOf = (read: Reader): TribalConfig["notTaken"] => {
  const list: { field: string; reason: string }[] = [];
  for (const [section, fields] of Object.entries(read.root)) {
    const names = anyObject(fields) ? Object.keys(fields).map((name) => `${section}.${name}`) : [section];
    for (const field of names) {
      if (section === "search") list.push({ field, reason: ownRecall });
      else if (field === "embedding.api_key" || field === "sync.api_key") list.push({ field, reason: secret });
      else if (section === "embedding" && read.text("embedding", "api_base") === undefined) {
        list.push({ field, reason: "Cairn uses its built-in embedder; vectors are made anew on import" });
      } else if (field === "embedding.provider" || section === "db") continue;
      else if (field === "auth.enabled" || field === "sync.enabled") continue;
      else if (!known.has(field)) list.push({ field, reason: "not a setting that Cairn knows" });
    }
  }
  return list;
};

const known: ReadonlySet<string> = new Set([
  "instance_id",
  "server.host",
  "server.port",
  "server.session_retention_days",
  "embedding.model",
  "embedding.dimensions",
  "embedding.api_base",
  "auth.require_key",
  "sync.cloud_url",
  "sync.interval",
]);

/** Reads the text of a TribalMemory configuration. Throws "config.invalid" with file, line and what to do. */
export const readTribalConfig = (source: string, path = "config.yaml"): TribalConfig => {
  const read = readerOf(source.replace(/^\ufeff/, ""), path);
  const apiBase = read.text("embedding", "api_base");
  const embedding = defined<{ model: string; dimensions: number }>({
    model: read.text("embedding", "model"),
    dimensions: read.whole(1, 65_536, "embedding", "dimensions"),
  });
  const url = read.text("sync", "cloud_url");
  const interval = defined<{ intervalSeconds: number }>({
    intervalSeconds: read.whole(1, 31_536_000, "sync", "interval"),
  });
  const usesKeys = read.flag("auth", "enabled");
  const requireKey = read.flag("auth", "require_key");
  const syncs = read.flag("sync", "enabled") !== false && url !== undefined && url !== "";
  const settings = defined<Required<TribalSettings>>({
    instance: read.text("instance_id"),
    host: read.text("server", "host"),
    port: read.whole(1, 65_535, "server", "port"),
    sessionRetentionDays: read.whole(1, 36_500, "server", "session_retention_days"),
    embedding: apiBase === undefined ? undefined : { apiBase, ...embedding },
    requireKey:
      usesKeys === undefined && requireKey === undefined ? undefined : usesKeys !== false && requireKey !== false,
    sync: syncs ? { url, ...interval } : undefined,
  });
  const provider = read.text("db", "provider") ?? "lancedb";
  const folder = provider === "lancedb" ? (read.text("db", "path") ?? "~/.tribal-memory/lancedb") : null;
  return { settings, notTaken: notTakenOf(read), data: { provider, path: folder } };
};

/** The settings alone. */
export const tribalSettings = (source: string, path?: string): TribalSettings =>
  readTribalConfig(source, path).settings;
