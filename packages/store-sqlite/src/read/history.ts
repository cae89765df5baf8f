/** The versions of a memory, folded from the log. */
import type { MemoryVersion } from "@cairn/memory/space/engine";
import { foldVersions, type VersionEntry } from "@cairn/memory/space/memory-versions";
import type { Statement } from "../open-database.ts";

/** `prepare` gives statements of the connection whose state is asked for. */
export const versionsOf = (
  prepare: (sql: string) => Statement,
  space: string,
  id: string,
): readonly MemoryVersion[] => {
  const rows = prepare(
    "SELECT at, kind, version, principal, agent, fields FROM changes WHERE subject = ? AND fields IS NOT NULL ORDER BY seq",
  ).all(id) as VersionEntry[];
  return foldVersions(space, id, rows);
};
