/**
 * The unified diff that `cairn init` shows before it writes. A client's file may hold megabytes of history, of
 * which a few lines change: what is equal at both ends is cut off first, and only the middle is compared by the
 * longest common subsequence.
 */
import type { FileEdit } from "./file-edit.ts";

export interface DiffStyle {
  /** Whether to colour with ANSI escapes. */
  readonly color: boolean;
}

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

const contextLines = 3;
/** Above this many cells the middle is shown as replaced as a whole: still a right diff, only not the shortest. */
const maxCells = 4_000_000;

/** Lines with their line endings, so that a changed ending and a missing last newline show. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const compareMiddle = (before: readonly string[], after: readonly string[]): readonly Line[] => {
  const removed = before.map((text): Line => ({ mark: "-", text }));
  const added = after.map((text): Line => ({ mark: "+", text }));
  const width = after.length + 1;
  if (before.length * after.length > maxCells) return [...removed, ...added];
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const both = (common[(i + 1) * width + j + 1] ?? 0) + 1;
      const one = Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
      common[i * width + j] = before[i] === after[j] ? both : one;
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ mark: " ", text: before[i] ?? "" });
      i += 1;
      j += 1;
    } else if ((common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)) {
      lines.push({ mark: "-", text: before[i++] ?? "" });
    } else {
      lines.push({ mark: "+", text: after[j++] ?? "" });
    }
  }
  return [...lines, ...removed.slice(i), ...added.slice(j)];
};

const compare = (before: readonly string[], after: readonly string[]): readonly Line[] => {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (text: string): Line => ({ mark: " ", text });
  return [
    ...before.slice(0, head).map(same),
    ...compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
};

/** Index ranges of lines that belong to one hunk: each change with its context, near ones joined. */
const hunksOf = (lines: readonly Line[]): readonly (readonly [from: number, to: number])[] => {
  const hunks: [number, number][] = [];
  lines.forEach((line, index) => {
    if (line.mark === " ") return;
    const from = Math.max(0, index - contextLines);
    const to = Math.min(lines.length, index + 1 + contextLines);
    const last = hunks.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else hunks.push([from, to]);
  });
  return hunks;
};

const range = (start: number, count: number): string => `${count === 0 ? start : start + 1},${count}`;

/**
 * The unified diff of one edit, ending in a newline; empty when nothing changes. Carriage returns at line ends are
 * not printed, since terminals would jump back.
 */
export const renderDiff = (edit: FileEdit, style: DiffStyle): string => {
  if (edit.before === edit.after) return "";
  const paint = (code: number, text: string): string => (style.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const lines = compare(linesOf(edit.before ?? ""), linesOf(edit.after ?? ""));
  const out: string[] = [
    paint(1, `--- ${edit.before === null ? "/dev/null" : edit.path}`),
    paint(1, `+++ ${edit.after === null ? "/dev/null" : edit.path}`),
  ];
  const colors = { " ": 0, "-": 31, "+": 32 } as const;
  for (const [from, to] of hunksOf(lines)) {
    const count = (some: readonly Line[], without: Line["mark"]): number =>
      some.filter((line) => line.mark !== without).length;
    const [earlier, hunk] = [lines.slice(0, from), lines.slice(from, to)];
    const oldRange = range(count(earlier, "+"), count(hunk, "+"));
    const newRange = range(count(earlier, "-"), count(hunk, "-"));
    out.push(paint(36, `@@ -${oldRange} +${newRange} @@`));
    for (const { mark, text } of hunk) {
      const shown = `${mark}${text.replace(/\r?\n$/, "")}`;
      out.push(mark === " " ? shown : paint(colors[mark], shown));
      if (!text.endsWith("\n")) out.push("\\ No newline at end of file");
    }
  }
  return `${out.join("\n")}\n`;
};
