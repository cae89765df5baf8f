/** Memories as they stood: each as one of its documents shows it. */
import type { Memory } from "@cairn/memory/memory/memory";
import { foldVersions, type VersionEntry } from "@cairn/memory/space/memory-versions";
import type { Connection } from "../connection/pool.ts";
import { versionList } from "./log.ts";
import { memoryList, memoryOfRow, type MemoryRow } from "./memory-row.ts";

export interface ShownMemory {
  /** The version that the document stands for; the current one where the log does not have it any more. */
  readonly memory: Memory;
  /** What was found suspect later is held back as it was before, too (MEM-11). */
  readonly heldBack: boolean;
}

type ShownRow = MemoryRow & { readonly doc: number; readonly shown: number };

/**
 * What these documents of memories show, by document. One round trip; the log is read only of memories that have changed
 * since.
 */
export const memoriesOfDocs = async (
  connection: Connection,
  space: string,
  docs: readonly number[],
): Promise<ReadonlyMap<number, ShownMemory>> => {
  const documents = `unnest($2::bigint[]) AS w (doc) CROSS JOIN LATERAL (
    SELECT d.n, d.version, d.owner FROM docs d WHERE d.space = $1 AND d.n = w.doc AND d.kind = 1 LIMIT 1
  ) d`;
  const [rows, entries] = await Promise.all([
    connection.query<ShownRow>(
      `SELECT d.n AS doc, d.version AS shown, ${memoryList} FROM ${documents}
       CROSS JOIN LATERAL (SELECT * FROM memories m WHERE m.space = $1 AND m.row = d.owner LIMIT 1) m`,
      [space, docs],
    ),
    connection.query<VersionEntry & { readonly doc: number }>(
      `SELECT d.n AS doc, ${versionList} FROM ${documents}
       CROSS JOIN LATERAL (
         SELECT m.id FROM memories m WHERE m.space = $1 AND m.row = d.owner AND m.version <> d.version LIMIT 1
       ) m
       CROSS JOIN LATERAL (
         SELECT c.seq, ${versionList} FROM changes c
         WHERE c.space = $1 AND c.subject = m.id AND c.fields IS NOT NULL OFFSET 0
       ) c ORDER BY d.n, c.seq`,
      [space, docs],
    ),
  ]);
  const logged = Map.groupBy(entries, (entry) => entry.doc);
  return new Map(
    rows.map((row) => {
      const current = memoryOfRow(row, space);
      const versions = foldVersions(space, current.id, logged.get(row.doc) ?? []);
      const memory = versions.find((one) => one.version === row.shown)?.memory ?? current;
      return [row.doc, { memory, heldBack: current.quarantined !== null }] as const;
    }),
  );
};
