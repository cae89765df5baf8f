/** A memory as a row of `memories`, both ways; tags are an array. */
import type { Memory } from "@cairn/memory/memory/memory";
import { foldAuthor } from "@cairn/memory/recall/entry";
import { cellsOfMemory, type MemoryCells, memoryColumns, memoryOfCells } from "@cairn/memory/space/memory-row";
import type { Value } from "../connection/pool.ts";

/** The columns of a memory, of a table or alias. */
export const memoryColumnList = (table: string): string =>
  memoryColumns.map((column) => `${table}.${column}`).join(", ");
/** Of `m`. */
export const memoryList = memoryColumnList("m");

export type MemoryRow = MemoryCells & { readonly tags: readonly string[] };

export const memoryOfRow = (row: MemoryRow, space: string): Memory => memoryOfCells(row, row.tags, space);

/** What a writer fills besides the space, the numbers and the hashes. */
export const writtenColumns = [...memoryColumns, "author_key"] as const;

/** In the order of `writtenColumns`. */
export const valuesOfMemory = (memory: Memory): readonly Value[] => {
  const cells = cellsOfMemory(memory);
  const stored = memoryColumns.map((column) => (column === "tags" ? memory.tags : cells[column]));
  return [...stored, memory.author === null ? null : foldAuthor(memory.author)];
};

/** A condition on `m`: it is not over at the time that is parameter `now`. */
export const unexpired = (now: string): string => `(m.expires_at IS NULL OR m.expires_at > ${now})`;
