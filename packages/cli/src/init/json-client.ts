/**
 * The entry `mcpServers.cairn` in the JSON files of Claude Code and Claude Desktop. What a user added to the entry
 * (further variables, switches, comments) stays; only what starts Cairn is brought up to date.
 */
import { getNodeValue, type Node } from "jsonc-parser";
import type { JsonObject, JsonValue } from "@cairn/memory/memory/memory";
import { brokenConfig, lineAt } from "./config-text.ts";
import type { ClientFormat, Connected } from "./client-format.ts";
import type { ServerEntry } from "./file-edit.ts";
import { addProperty, type JsonText, parseJsonText, propertyOf, removeProperty, replaceValue } from "./json-text.ts";

const serversName = "mcpServers";
const serverName = "cairn";

interface Found {
  readonly text: JsonText;
  readonly servers: Node | undefined;
  readonly entry: Node | undefined;
}

const find = (source: string, path: string): Found => {
  const text = parseJsonText(source, path);
  if (text.root === undefined) return { text, servers: undefined, entry: undefined };
  const objectOf = (property: Node | undefined, name: string): Node | undefined => {
    const value = property?.children?.[1];
    if (value === undefined || value.type === "object") return value;
    const hint = `Make "${name}" an object { … } or remove it, then run the command again.`;
    throw brokenConfig(path, lineAt(text.body, value.offset), `"${name}" is not an object.`, hint);
  };
  const servers = objectOf(propertyOf(text, text.root, serversName, path), serversName);
  const entry = servers === undefined ? undefined : propertyOf(text, servers, serverName, path);
  objectOf(entry, serverName);
  return { text, servers, entry };
};

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Sets `mcpServers.cairn.<keys>` unless it already says so. */
const setInEntry = (source: string, path: string, keys: readonly string[], value: JsonValue): string => {
  const { text, entry } = find(source, path);
  let object = entry?.children?.[1];
  for (const [depth, key] of keys.entries()) {
    if (object?.type !== "object") break;
    const property = propertyOf(text, object, key, path);
    const rest = keys.slice(depth + 1).reduceRight<JsonValue>((inner, name) => ({ [name]: inner }), value);
    if (property === undefined) return addProperty(text, object, key, rest);
    const node = property.children?.[1];
    const isLast = depth === keys.length - 1;
    if (isLast && node !== undefined && same(getNodeValue(node), value)) return source;
    if (isLast || node?.type !== "object") return replaceValue(text, property, rest);
    object = node;
  }
  return source;
};

const update = (source: string, entry: ServerEntry, found: Node, path: string): string => {
  const now: unknown = getNodeValue(found);
  const present = typeof now === "object" && now !== null && "env" in now ? now.env : null;
  const has = (name: string): boolean =>
    typeof present === "object" && present !== null && Object.hasOwn(present, name);
  const missing = Object.entries(entry.envDefaults).filter(([name]) => !has(name) && !(name in entry.env));
  let text = setInEntry(source, path, ["command"], entry.launch.command);
  text = setInEntry(text, path, ["args"], [...entry.launch.args]);
  for (const [name, value] of [...missing, ...Object.entries(entry.env)]) {
    text = setInEntry(text, path, ["env", name], value);
  }
  return text;
};

const newEntry = (entry: ServerEntry, type: "stdio" | null): JsonObject => ({
  ...(type === null ? {} : { type }),
  command: entry.launch.command,
  args: [...entry.launch.args],
  env: { ...entry.envDefaults, ...entry.env },
});

/** `type` is written into a new entry where the client expects to be told how to talk. */
export const jsonClient = (type: "stdio" | null): ClientFormat => ({
  connect: (source, entry, path): Connected => {
    const { text, servers, entry: present } = find(source ?? "", path);
    if (present === undefined) {
      const value = newEntry(entry, type);
      const added =
        servers === undefined
          ? addProperty(text, text.root, serversName, { [serverName]: value })
          : addProperty(text, servers, serverName, value);
      return { text: added, outcome: "connected" };
    }
    const node = present.children?.[1] ?? present;
    const kind = (node.children ?? []).find((property) => property.children?.[0]?.value === "type");
    const hasUrl = (node.children ?? []).some((property) => property.children?.[0]?.value === "url");
    if (hasUrl || (kind !== undefined && kind.children?.[1]?.value !== "stdio")) {
      const hint = "To start Cairn by command instead, run `cairn uninit` for this client first.";
      throw brokenConfig(path, lineAt(text.body, present.offset), '"cairn" is connected by address already.', hint);
    }
    const updated = update(source ?? "", entry, node, path);
    return { text: updated, outcome: updated === source ? "already-connected" : "updated" };
  },

  disconnect: (source, path) => {
    const { text, servers, entry } = find(source, path);
    if (servers === undefined || entry === undefined) return null;
    const without = removeProperty(text, servers, entry);
    const left = find(without, path);
    const property =
      left.text.root === undefined ? undefined : propertyOf(left.text, left.text.root, serversName, path);
    const value = property?.children?.[1];
    const isEmpty = value !== undefined && left.text.body.slice(value.offset, value.offset + value.length) === "{}";
    return isEmpty && property !== undefined && left.text.root !== undefined
      ? removeProperty(left.text, left.text.root, property)
      : without;
  },

  read: (source, path) => {
    const value: unknown = ((node) => (node === undefined ? null : getNodeValue(node)))(
      find(source, path).entry?.children?.[1],
    );
    if (typeof value !== "object" || value === null) return null;
    const { command, args, env } = value as {
      readonly command?: unknown;
      readonly args?: unknown;
      readonly env?: unknown;
    };
    if (typeof command !== "string" || !Array.isArray(args)) return null;
    const variables = Object.entries(typeof env === "object" && env !== null ? env : {});
    return {
      launch: { command, args: args.filter((argument) => typeof argument === "string") },
      env: Object.fromEntries(variables.filter((pair): pair is [string, string] => typeof pair[1] === "string")),
      envDefaults: {},
    };
  },
});
