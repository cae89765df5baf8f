/** Reading the log: as it is, and folded into the versions of memories. */
import type { Change } from "@cairn/memory/change/change";
import { changeOf, type StoredChange } from "@cairn/memory/change/stored-change";
import type { MemoryVersion } from "@cairn/memory/space/engine";
import { foldVersions, type VersionEntry } from "@cairn/memory/space/memory-versions";
import type { Connection } from "../connection/pool.ts";

/** What a version is folded from, of `changes` as `c`. */
export const versionList = "c.at, c.kind, c.version, c.principal, c.agent, c.fields";

export const changesAfter = async (
  connection: Connection,
  space: string,
  after: number,
  limit: number,
): Promise<readonly Change[]> => {
  const rows = await connection.query<StoredChange>(
    `SELECT c.seq, c.replica, c.counter, c.clock, c.subject, c.overwrites, ${versionList}
     FROM changes c WHERE c.space = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3`,
    [space, after, limit],
  );
  return rows.map(changeOf);
};

/** Every version of each of these memories, oldest first, by the memory's id; without those that have none. */
export const versionsOfAll = async (
  connection: Connection,
  space: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly MemoryVersion[]>> => {
  if (ids.length === 0) return new Map();
  const rows = await connection.query<VersionEntry & { readonly subject: string }>(
    `SELECT w.id AS subject, ${versionList} FROM unnest($2::text[]) AS w (id) CROSS JOIN LATERAL (
       SELECT c.seq, ${versionList} FROM changes c
       WHERE c.space = $1 AND c.subject = w.id AND c.fields IS NOT NULL OFFSET 0
     ) c ORDER BY c.seq`,
    [space, ids],
  );
  const entries = Map.groupBy(rows, (row) => row.subject);
  return new Map([...entries].map(([id, of]) => [id, foldVersions(space, id, of)] as const));
};

export const versionsOf = async (
  connection: Connection,
  space: string,
  id: string,
): Promise<readonly MemoryVersion[]> => (await versionsOfAll(connection, space, [id])).get(id) ?? [];
