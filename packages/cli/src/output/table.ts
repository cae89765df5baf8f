/** Columns under headings, each as wide as its widest cell. */
import { escapeLine } from "./escape-text.ts";
import type { Style } from "./style.ts";
import { displayWidth } from "./wrap-text.ts";

/** Cells are escaped here; the last column is not padded. */
export const tableText = (headings: readonly string[], rows: readonly (readonly string[])[], style: Style): string => {
  if (rows.length === 0) return "None.\n";
  const cells = rows.map((row) => row.map(escapeLine));
  const widths = headings.map((heading, column) =>
    cells.reduce((width, row) => Math.max(width, displayWidth(row[column] ?? "")), displayWidth(heading)),
  );
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell))))
      .join("  ")
      .trimEnd();
  return `${[style.dim(lineOf(headings)), ...cells.map(lineOf)].join("\n")}\n`;
};
