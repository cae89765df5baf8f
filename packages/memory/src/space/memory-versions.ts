/** The versions of a memory, folded from the log: nothing keeps a second history. */
import type { Memory } from "../memory/memory.ts";
import type { LogEntry } from "../write/write-store.ts";
import type { MemoryVersion } from "./engine.ts";

/** What of a change its version is made of. */
export type VersionEntry = Pick<LogEntry, "at" | "kind" | "version" | "principal" | "agent" | "fields">;

const absent: Omit<Memory, "id" | "space" | "version"> = {
  content: "",
  key: null,
  category: null,
  entity: null,
  tags: [],
  metadata: null,
  context: null,
  author: null,
  sessionId: null,
  sessionSeq: null,
  sourceInstance: "",
  sourceType: "unknown",
  sourceUri: null,
  trust: "agent",
  importance: null,
  confidence: 1,
  occurredAt: null,
  validFrom: null,
  validUntil: null,
  expiresAt: null,
  decay: null,
  supersedes: null,
  supersededBy: null,
  createdAt: 0,
  createdBy: "",
  updatedAt: 0,
  updatedBy: "",
  quarantined: null,
};
/** Fields that a reader of a diff does not look for. */
const unremarkable = new Set(["updatedAt", "updatedBy", "createdAt", "createdBy"]);

/** `entries` are all changes of the memory `id`, oldest first; those that were purged tell nothing. */
export const foldVersions = (space: string, id: string, entries: readonly VersionEntry[]): readonly MemoryVersion[] => {
  let memory: Memory = { ...absent, id, space, version: 0 };
  return entries.flatMap(({ at, kind, version, principal, agent, fields: json }) => {
    // Maintenance touches a memory without changing it.
    if (json === null || kind === "session" || kind === "repair" || version === memory.version) return [];
    const fields = JSON.parse(json) as Partial<Memory>;
    const diff: Record<string, { from: unknown; to: unknown }> = {};
    for (const [name, to] of Object.entries(fields)) {
      const from = memory[name as keyof Memory];
      if (!unremarkable.has(name) && JSON.stringify(from) !== JSON.stringify(to)) diff[name] = { from, to };
    }
    memory = { ...memory, ...fields, version };
    return { version, kind, at, by: principal, agent, diff, memory };
  });
};
