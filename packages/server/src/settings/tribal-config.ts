/**
 * TribalMemory's configuration file as settings of Cairn: who moves from there can point `--config` at it. What says
 * where that program keeps its own database or which model it embeds with does not apply here and is left out; its
 * memories are brought over by import.
 */
import type { ConfigEntries } from "./config-file.ts";

const sections = ["db", "embedding", "server", "search", "auth", "sync"] as const;

const section = (entries: ConfigEntries, name: string): ConfigEntries => {
  const value = entries[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as ConfigEntries) : {};
};

/** Cairn's own file has no sections, so one section is enough to tell. */
export const isTribalConfig = (entries: ConfigEntries): boolean =>
  sections.some((name) => Object.keys(section(entries, name)).length > 0);

export const fromTribalConfig = (entries: ConfigEntries): ConfigEntries => {
  const server = section(entries, "server");
  const found = {
    instance: entries["instance_id"],
    host: server["host"],
    port: server["port"],
    session_retention_days: server["session_retention_days"],
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined && value !== null));
};
