/** The rows of memories and their tags, for the rules of writing. */
import type { MemoryState, MemoryStore, StoredMemory } from "@cairn/memory/write/write-store";
import {
  columnList,
  columns,
  type MemoryRow,
  memoryOfRow,
  rowOfMemory,
  valuesOfMemory,
} from "../../space/memory-row.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import { demandScrub } from "./erased.ts";

type StoredRow = MemoryRow & { readonly row: number; readonly doc: number; readonly state: number };

const selectStored = `SELECT row, doc, state, ${columnList} FROM memories`;
const insertSql = `INSERT INTO memories (state, doc, identity, near, ${columnList}) VALUES (0, ?, ?, ?, ${columns.map(() => "?").join(", ")})`;
const assignments = columns
  .filter((name) => name !== "id")
  .map((name) => `${name} = :${name}`)
  .join(", ");
const standing = (trusted: boolean): string =>
  `state = 0 AND (expires_at IS NULL OR expires_at > ?) ${trusted ? "AND quarantine IS NULL " : ""}ORDER BY row`;
const identical = (trusted: boolean): string =>
  `SELECT id FROM memories WHERE identity = ? AND ${standing(trusted)} LIMIT 1`;
const lookAlikes = (trusted: boolean): string =>
  `SELECT id, doc, content FROM memories WHERE near = ? AND ${standing(trusted)} LIMIT 8`;

const storedOf = (found: unknown, space: string): StoredMemory | null => {
  const row = found as StoredRow | undefined;
  return row === undefined
    ? null
    : { row: row.row, doc: row.doc, state: row.state as MemoryState, memory: memoryOfRow(row, space) };
};

export const memoryStore = ({ id: space, write }: OpenSpace): MemoryStore => ({
  findById: (id) => storedOf(write(`${selectStored} WHERE id = ?`).get(id), space),
  findByKey: (key) => storedOf(write(`${selectStored} WHERE key = ? AND state = 0`).get(key), space),
  correctionOf: (id, row) =>
    (write("SELECT id FROM memories WHERE supersedes = ? AND row <> ? AND state = 0 LIMIT 1").pluck().get(id, row) as
      | string
      | undefined) ?? null,
  identical: (identity, { now, trusted }) =>
    (write(identical(trusted)).pluck().get(identity, now) as string | undefined) ?? null,
  lookAlikes: (near, { now, trusted }) =>
    write(lookAlikes(trusted)).all(near, now) as ReturnType<MemoryStore["lookAlikes"]>,
  identityOf: (row) => write("SELECT identity FROM memories WHERE row = ?").pluck().get(row) as Uint8Array,
  lastPosition: (session) =>
    write("SELECT max(session_seq) FROM memories WHERE session_id = ? AND state = 0").pluck().get(session) as
      | number
      | null,
  insertMemory: (memory, doc, { identity, near }) =>
    Number(
      // By position: binding by name costs a third of the whole insertion.
      write(insertSql).run(doc, identity, near, ...valuesOfMemory(memory)).lastInsertRowid,
    ),
  updateMemory: (row, state, memory, sameness) => {
    const hashes = sameness === undefined ? "" : "identity = :identity, near = :near, ";
    write(`UPDATE memories SET state = :state, ${hashes}${assignments} WHERE row = :row`).run({
      ...rowOfMemory(memory),
      ...sameness,
      row,
      state,
    });
  },
  setDocument: (row, doc) => {
    write("UPDATE memories SET doc = ? WHERE row = ?").run(doc, row);
  },
  deleteMemory: (row) => {
    write("DELETE FROM memories WHERE row = ?").run(row);
    demandScrub(write);
  },
  setTags: (row, tags) => {
    write("DELETE FROM memory_tags WHERE memory = ?").run(row);
    const insert = write("INSERT OR IGNORE INTO memory_tags (tag, memory) VALUES (?, ?)");
    for (const tag of tags) insert.run(tag, row);
  },
});
