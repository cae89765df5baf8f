/** The two sets of vectors of a space, and which documents await theirs, for the rules of writing. */
import { docKind, type VectorStore, vectorRank } from "@cairn/memory/write/write-store";
import { quantizeRow } from "@cairn/store/arena/quantize";
import type { Statement } from "../../open-database.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import { chunksPerDoc } from "../../space/space-index.ts";
import { type SlotTables, tablesOf } from "../../space/space-models.ts";

type Prepare = (sql: string) => Statement;

/** All ranks, so that the table of what awaits vectors is read by its key. */
export const ranks = Object.values(vectorRank).join(", ");
/** The rank of a row of `docs`. */
export const rankInSql = `CASE WHEN to_at IS NOT NULL THEN ${vectorRank.closed} WHEN kind = ${docKind.memory} THEN ${vectorRank.memory} ELSE ${vectorRank.chunk} END`;

/** Every table with vectors in it: what an earlier model left has to be erased with its text, too. */
const everyTable = ["q8", "v", "next_q8", "next_v", "old_q8", "old_v"] as const;

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const deleteRows = (write: Prepare, tables: readonly string[], doc: number): void => {
  for (const table of tables)
    write(`DELETE FROM ${table} WHERE id >= ? AND id < ?`).run(doc * chunksPerDoc, (doc + 1) * chunksPerDoc);
};

/** Takes a document's vectors out of one set; its text awaits others once that is noted. */
export const removeVectors = (write: Prepare, { q8, v }: SlotTables, doc: number): void =>
  deleteRows(write, [q8, v], doc);

const stopAwaiting = (write: Prepare, next: 0 | 1, doc: number): boolean =>
  write(`DELETE FROM awaiting_vectors WHERE next = ? AND rank IN (${ranks}) AND doc = ?`).run(next, doc).changes > 0;

export const vectorStore = ({ write, index }: OpenSpace): VectorStore => ({
  models: index.models,
  firstVector: (doc) => {
    const bytes = write("SELECT f32 FROM v WHERE id = ?")
      .pluck()
      .get(doc * chunksPerDoc) as Uint8Array | undefined;
    return bytes === undefined ? null : new Float32Array(bytes.slice().buffer);
  },
  storeVectors: (slot, doc, vectors) => {
    const { q8, v } = tablesOf[slot];
    for (const [chunk, vector] of vectors.slice(0, chunksPerDoc).entries()) {
      const { bytes, scale } = quantizeRow(vector);
      const id = doc * chunksPerDoc + chunk;
      write(`INSERT INTO ${q8} (id, scale, bytes) VALUES (?, ?, ?)`).run(id, scale, bytesOf(bytes));
      write(`INSERT INTO ${v} (id, f32) VALUES (?, ?)`).run(id, bytesOf(vector));
    }
  },
  copyVectors: (slot, from, to) => {
    const { q8, v } = tablesOf[slot];
    const bounds = [(to - from) * chunksPerDoc, from * chunksPerDoc, (from + 1) * chunksPerDoc];
    write(`INSERT INTO ${q8} (id, scale, bytes) SELECT id + ?, scale, bytes FROM ${q8} WHERE id >= ? AND id < ?`).run(
      ...bounds,
    );
    const copy = write(`INSERT INTO ${v} (id, f32) SELECT id + ?, f32 FROM ${v} WHERE id >= ? AND id < ?`);
    return copy.run(...bounds).changes > 0;
  },
  eraseVectors: (doc) => {
    deleteRows(write, everyTable, doc);
    for (const { next } of Object.values(tablesOf)) {
      stopAwaiting(write, next, doc);
      write("DELETE FROM wordless WHERE next = ? AND doc = ?").run(next, doc);
    }
  },
  isWordless: (slot, doc) =>
    write("SELECT 1 FROM wordless WHERE next = ? AND doc = ?").get(tablesOf[slot].next, doc) !== undefined,
  noteWordless: (slot, doc) => {
    write("INSERT OR IGNORE INTO wordless (next, doc) VALUES (?, ?)").run(tablesOf[slot].next, doc);
  },
  noteAwaiting: (slot, rank, doc) => {
    write("INSERT INTO awaiting_vectors (next, rank, doc) VALUES (?, ?, ?)").run(tablesOf[slot].next, rank, doc);
  },
  awaitLast: (doc) => {
    write(
      `UPDATE awaiting_vectors SET rank = ${vectorRank.closed} WHERE next IN (0, 1) AND rank IN (${ranks}) AND doc = ?`,
    ).run(doc);
  },
  stopAwaiting: (slot, doc) => stopAwaiting(write, tablesOf[slot].next, doc),
  noteLate: (doc) => {
    write("INSERT INTO late_vectors (doc) VALUES (?)").run(doc);
  },
});
