/** A memory as a row of `memories`, both ways; tags are JSON. */
import type { Memory } from "@cairn/memory/memory/memory";
import { cellsOfMemory, type MemoryCells, memoryColumns, memoryOfCells } from "@cairn/memory/space/memory-row";

export const columns = memoryColumns;
export const columnList = columns.join(", ");

export type MemoryRow = MemoryCells & { readonly tags: string | number | null };

export const rowOfMemory = (memory: Memory): MemoryRow => ({
  ...cellsOfMemory(memory),
  tags: JSON.stringify(memory.tags),
});

/** The values of a row in the order of `columns`. */
export const valuesOfMemory = (memory: Memory): readonly (string | number | null)[] => {
  const row = rowOfMemory(memory);
  return columns.map((column) => row[column]);
};

export const memoryOfRow = (row: MemoryRow, space: string): Memory =>
  memoryOfCells(row, JSON.parse(String(row.tags)) as readonly string[], space);
