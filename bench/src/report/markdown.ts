/** Markdown as the project's formatter writes it, so that a generated page passes the check of formatting. */
import type { Cell, ResultTable, Row } from "../result-file.ts";

const shown = (cell: Cell | undefined): string =>
  cell === null || cell === undefined ? "–" : String(cell).replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();

/** Columns are those of the first row. */
export const tableLines = (rows: readonly Row[]): readonly string[] => {
  const headings = Object.keys(rows[0] ?? {});
  if (headings.length === 0) return [];
  const cells = [headings, ...rows.map((row) => headings.map((heading) => shown(row[heading])))];
  const widths = headings.map((_, at) => Math.max(3, ...cells.map((row) => [...(row[at] ?? "")].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - [...cell].length)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
};

/** A heading, the table, and its notes as a list. */
export const tableSection = ({ title, rows, notes = [] }: ResultTable, level: number): readonly string[] => [
  `${"#".repeat(level)} ${title}`,
  "",
  ...tableLines(rows),
  ...(notes.length === 0 ? [] : ["", ...notes.map((note) => `- ${note}`)]),
  "",
];
