/** A memory as a row of `memories`, both ways; tags are an array. */
import type { Memory } from "@cairn/memory/memory/memory";
import { type MemoryCells, memoryColumns, memoryOfCells } from "@cairn/memory/space/memory-row";

/** The columns of a memory, of a table or alias. */
export const memoryColumnList = (table: string): string =>
  memoryColumns.map((column) => `${table}.${column}`).join(", ");
/** Of `m`. */
export const memoryList = memoryColumnList("m");

export type MemoryRow = MemoryCells & { readonly tags: readonly string[] };

export const memoryOfRow = (row: MemoryRow, space: string): Memory => memoryOfCells(row, row.tags, space);

/** A condition on `m`: it is not over at the time that is parameter `now`. */
export const unexpired = (now: string): string => `(m.expires_at IS NULL OR m.expires_at > ${now})`;
