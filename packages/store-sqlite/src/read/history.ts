/** The versions of a memory, folded from the log: nothing keeps a second history. */
import type { ChangeKind } from "@cairn/memory/change/change";
import type { Memory } from "@cairn/memory/memory/memory";
import type { MemoryVersion } from "@cairn/memory/space/engine";
import type { Statement } from "../open-database.ts";

interface ChangeRow {
  readonly at: number;
  readonly kind: ChangeKind;
  readonly version: number;
  readonly principal: string;
  readonly agent: string;
  readonly fields: string;
}

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

/** `prepare` gives statements of the connection whose state is asked for. */
export const versionsOf = (
  prepare: (sql: string) => Statement,
  space: string,
  id: string,
): readonly MemoryVersion[] => {
  const rows = prepare(
    "SELECT at, kind, version, principal, agent, fields FROM changes WHERE subject = ? AND kind NOT IN ('session', 'repair') AND fields IS NOT NULL ORDER BY seq",
  ).all(id) as ChangeRow[];
  let memory: Memory = { ...absent, id, space, version: 0 };
  return rows.flatMap((row) => {
    // Maintenance touches a memory without changing it.
    if (row.version === memory.version) return [];
    const fields = JSON.parse(row.fields) as Partial<Memory>;
    const diff: Record<string, { from: unknown; to: unknown }> = {};
    for (const [name, to] of Object.entries(fields)) {
      const from = memory[name as keyof Memory];
      if (!unremarkable.has(name) && JSON.stringify(from) !== JSON.stringify(to)) diff[name] = { from, to };
    }
    memory = { ...memory, ...fields, version: row.version };
    return { version: row.version, kind: row.kind, at: row.at, by: row.principal, agent: row.agent, diff, memory };
  });
};
