/**
 * The table `[mcp_servers.cairn]` in Codex's `config.toml`. It is written and kept up to date as a table of its own
 * (variables inline, or in the sub-table that is there); where a user wrote it inline inside something else, the
 * file is not touched and the user is told what to do.
 */
import { brokenConfig, lineAt, lineEndingOf } from "./config-text.ts";
import type { ClientFormat } from "./client-format.ts";
import type { ServerEntry } from "./file-edit.ts";
import { scanToml, type TomlPair, type TomlStatement, type TomlValue, tomlKey, tomlString } from "./toml-scan.ts";

const serversName = "mcp_servers";
const entryPath = [serversName, "cairn"] as const;

const startsWith = (path: readonly string[], prefix: readonly string[]): boolean =>
  prefix.every((name, index) => path[index] === name);
const isPath = (path: readonly string[], other: readonly string[]): boolean =>
  path.length === other.length && startsWith(path, other);

interface Found {
  readonly statements: readonly TomlStatement[];
  /** Those that make up the entry, in order. */
  readonly ours: readonly TomlStatement[];
  /** Set when the entry cannot be edited as a table: its offset. */
  readonly inlineAt: number | null;
}

const find = (source: string, path: string): Found => {
  const statements = scanToml(source, (offset, problem) => {
    const hint = "Mend this line, then run the command again.";
    throw brokenConfig(path, lineAt(source, offset), `this is not valid TOML: ${problem}`, hint);
  });
  const isTable = (one: TomlStatement): boolean =>
    one.kind === "table" || (one.kind === "pair" && one.value.kind === "table");
  const wrong = statements.find((one) => startsWith(entryPath, one.path) && !isTable(one));
  if (wrong !== undefined) {
    const hint = `Make [${wrong.path.join(".")}] a table, or remove it, then run the command again.`;
    throw brokenConfig(path, lineAt(source, wrong.from), `${wrong.path.join(".")} is not a table.`, hint);
  }
  const ours = statements.filter((one) => startsWith(one.path, entryPath));
  const seen = new Set<string>();
  for (const one of ours) {
    const name = JSON.stringify([one.kind === "pair", ...one.path]);
    if (one.kind !== "array-table" && seen.has(name)) {
      throw brokenConfig(path, lineAt(source, one.from), `${one.path.join(".")} is there twice.`, "Keep one.");
    }
    seen.add(name);
  }
  const inline = statements.find(
    (one) =>
      one.kind === "pair" && one.tableDepth < 2 && (startsWith(one.path, entryPath) || isPath(one.path, [serversName])),
  );
  return { statements, ours, inlineAt: inline?.from ?? null };
};

/** Every value under the entry, by its path below it, whichever way it is written. */
const flatten = (found: Found): ReadonlyMap<string, TomlValue> => {
  const values = new Map<string, TomlValue>();
  const add = (path: readonly string[], value: TomlValue): void => {
    if (value.kind === "table") for (const [key, inner] of value.pairs) add([...path, ...key], inner);
    else if (startsWith(path, entryPath)) values.set(path.slice(2).join("\0"), value);
  };
  for (const one of found.statements) if (one.kind === "pair") add(one.path, one.value);
  return values;
};

const stringsOf = (value: TomlValue | undefined): readonly string[] | null =>
  value?.kind === "array" && value.items.every((item) => item.kind === "string")
    ? value.items.map((item) => item.value)
    : null;

const entryOf = (values: ReadonlyMap<string, TomlValue>): ServerEntry | null => {
  const command = values.get("command");
  if (command?.kind !== "string") return null;
  const env: Record<string, string> = {};
  for (const [path, value] of values)
    if (path.startsWith("env\0") && value.kind === "string") env[path.slice(4)] = value.value;
  return { launch: { command: command.value, args: stringsOf(values.get("args")) ?? [] }, env, envDefaults: {} };
};

const inlineTable = (env: Readonly<Record<string, string>>): string =>
  `{ ${Object.entries(env)
    .map(([name, value]) => `${tomlKey(name)} = ${tomlString(value)}`)
    .join(", ")} }`;
const argsText = (args: readonly string[]): string => `[${args.map(tomlString).join(", ")}]`;

const splice = (text: string, from: number, to: number, insert: string): string =>
  text.slice(0, from) + insert + text.slice(to);

/** Adds `key = value` behind the last line of a table, or of its heading when it is empty. */
const addToTable = (source: string, found: Found, table: readonly string[], line: string): string => {
  const inTable = found.ours.filter((one) =>
    one.kind === "pair" ? one.tableDepth === table.length && startsWith(one.path, table) : isPath(one.path, table),
  );
  const at = inTable.at(-1)?.to ?? source.length;
  const eol = lineEndingOf(source);
  return splice(source, at, at, `${source[at - 1] === "\n" ? "" : eol}${line}${eol}`);
};

const pairAt = (found: Found, path: readonly string[]): TomlPair | undefined =>
  found.ours.find((one): one is TomlPair => one.kind === "pair" && isPath(one.path, [...entryPath, ...path]));
const hasTable = (found: Found, path: readonly string[]): boolean =>
  found.ours.some((one) => one.kind === "table" && isPath(one.path, [...entryPath, ...path]));

const setPlain = (source: string, path: string, key: string, written: string): string => {
  const found = find(source, path);
  const pair = pairAt(found, [key]);
  return pair === undefined
    ? addToTable(source, found, entryPath, `${key} = ${written}`)
    : splice(source, pair.valueFrom, pair.valueTo, written);
};

const setVariable = (source: string, path: string, name: string, value: string): string => {
  const found = find(source, path);
  const pair = pairAt(found, ["env", name]);
  if (pair !== undefined) return splice(source, pair.valueFrom, pair.valueTo, tomlString(value));
  const line = `${tomlKey(name)} = ${tomlString(value)}`;
  if (hasTable(found, ["env"])) return addToTable(source, found, [...entryPath, "env"], line);
  const inline = pairAt(found, ["env"]);
  if (inline === undefined) {
    const dotted = found.ours.some((one) => one.kind === "pair" && startsWith(one.path, [...entryPath, "env"]));
    return addToTable(source, found, entryPath, dotted ? `env.${line}` : `env = { ${line} }`);
  }
  const env = inline.value.kind === "table" ? inline.value.pairs : [];
  const present = Object.fromEntries(
    env.flatMap(([key, one]) => (one.kind === "string" ? [[key.join("."), one.value] as const] : [])),
  );
  return splice(source, inline.valueFrom, inline.valueTo, inlineTable({ ...present, [name]: value }));
};

const append = (source: string, entry: ServerEntry): string => {
  const eol = lineEndingOf(source);
  const block = [
    `[${entryPath.join(".")}]`,
    `command = ${tomlString(entry.launch.command)}`,
    `args = ${argsText(entry.launch.args)}`,
    `env = ${inlineTable({ ...entry.envDefaults, ...entry.env })}`,
  ];
  const isBlank = source.replace(/^\ufeff/, "").trim() === "";
  const gap = isBlank ? "" : `${source.endsWith("\n") ? "" : eol}${/\n\r?\n$/.test(source) ? "" : eol}`;
  return `${source}${gap}${block.join(eol)}${eol}`;
};

const refuseInline = (source: string, path: string, at: number): never => {
  const hint = `Write it as a table of its own, [${entryPath.join(".")}] with command, args and env below it, then run the command again.`;
  throw brokenConfig(path, lineAt(source, at), "MCP servers are written inline here, which Cairn does not edit.", hint);
};

export const tomlClient: ClientFormat = {
  connect: (text, entry, path) => {
    const source = text ?? "";
    const found = find(source, path);
    const values = flatten(found);
    const present = entryOf(values);
    const wanted = { ...entry.envDefaults, ...present?.env, ...entry.env };
    const differing = Object.entries(wanted).filter(([name, value]) => present?.env[name] !== value);
    const command = values.get("command");
    const sameCommand = command?.kind === "string" && command.value === entry.launch.command;
    const sameArgs = JSON.stringify(stringsOf(values.get("args"))) === JSON.stringify(entry.launch.args);
    if (sameCommand && sameArgs && differing.length === 0) return { text: source, outcome: "already-connected" };
    if (found.inlineAt !== null) return refuseInline(source, path, found.inlineAt);
    if (values.has("url")) {
      const hint = "To start Cairn by command instead, run `cairn uninit --codex` first.";
      const at = found.ours[0]?.from ?? 0;
      throw brokenConfig(path, lineAt(source, at), '"cairn" is connected by address already.', hint);
    }
    if (found.ours.length === 0) return { text: append(source, entry), outcome: "connected" };
    let edited = source;
    if (!hasTable(found, [])) {
      const at = found.ours[0]?.from ?? source.length;
      edited = splice(source, at, at, `[${entryPath.join(".")}]${lineEndingOf(source)}`);
    }
    if (!sameCommand) edited = setPlain(edited, path, "command", tomlString(entry.launch.command));
    if (!sameArgs) edited = setPlain(edited, path, "args", argsText(entry.launch.args));
    for (const [name, value] of differing) edited = setVariable(edited, path, name, value);
    return { text: edited, outcome: "updated" };
  },

  disconnect: (source, path) => {
    const found = find(source, path);
    if (found.ours.length === 0) {
      if (found.inlineAt !== null && flatten(found).size > 0) refuseInline(source, path, found.inlineAt);
      return null;
    }
    const runs: { from: number; to: number; last: TomlStatement }[] = [];
    for (const one of found.ours) {
      const run = runs.at(-1);
      // Comments between two lines of ours go along; those before the first and after the last are the neighbours'.
      const follows = run !== undefined && found.statements[found.statements.indexOf(run.last) + 1] === one;
      if (follows) Object.assign(run, { to: one.to, last: one });
      else runs.push({ from: one.from, to: one.to, last: one });
    }
    let edited = source;
    for (const { from, to } of runs.toReversed()) {
      const blank = /(?<=\n)\r?\n$/.exec(source.slice(0, from))?.[0].length ?? 0;
      edited = splice(edited, from - blank, to, "");
    }
    return edited;
  },

  read: (source, path) => entryOf(flatten(find(source, path))),
};
