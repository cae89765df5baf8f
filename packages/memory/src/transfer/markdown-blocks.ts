/**
 * The blocks of a Markdown text in order, as far as they matter for memories. It follows CommonMark where that
 * tells blocks apart, and is not a renderer: what it does not know is a paragraph, so nothing is ever dropped.
 */
import type { MarkdownLine } from "./markdown-lines.ts";

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "paragraph" | "quote" | "code" | "row"; readonly text: string }
  /** A list item with everything below it; `checked` when it has a checkbox. */
  | { readonly kind: "item"; readonly text: string; readonly checked: boolean | null };

/** Longer "headings" are paragraphs that begin with a number sign or have dashes below. */
const maxHeading = 300;

const itemPattern = /^([ \t]*)([-*+]|\d{1,9}[.)])(?:[ \t]+(.*)|[ \t]*)$/;
const delimiterRow = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

const isBlank = (text: string): boolean => text.trim() === "";
const width = (space: string): number =>
  [...space].reduce((columns, character) => (character === "\t" ? columns + 4 - (columns % 4) : columns + 1), 0);
const indentOf = (text: string): number => width(/^[ \t]*/.exec(text)?.[0] ?? "");

const isRule = (text: string): boolean => {
  const marks = text.replaceAll(/[ \t]/g, "");
  return marks.length >= 3 && indentOf(text) < 4 && /^(?:-+|\*+|_+)$/.test(marks);
};

const atxHeading = (text: string): Block | null => {
  const found = text.length > maxHeading + 20 ? null : /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/.exec(text);
  if (found === null) return null;
  const title = (found[2] ?? "")
    .trim()
    .replace(/(?:^|[ \t])#+$/, "")
    .trim();
  return { kind: "heading", level: found[1]?.length ?? 1, text: title };
};

const cellsOf = (text: string): readonly string[] =>
  text
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

/** The columns when a table begins here: a row of names over a row of dashes with as many cells. */
const tableAt = (lines: readonly MarkdownLine[], at: number): readonly string[] | null => {
  const [head, under] = [lines[at], lines[at + 1]];
  if (head?.text.includes("|") !== true || under?.text.includes("|") !== true) return null;
  if (under.fence !== null || !delimiterRow.test(under.text)) return null;
  const names = cellsOf(head.text);
  return names.length === cellsOf(under.text).length ? names : null;
};

const startsBlock = (lines: readonly MarkdownLine[], at: number): boolean => {
  const line = lines[at];
  if (line === undefined || isBlank(line.text) || line.fence !== null) return true;
  return (
    isRule(line.text) || atxHeading(line.text) !== null || /^ {0,3}>/.test(line.text) || tableAt(lines, at) !== null
  );
};

/** An item's marker may end a paragraph only if it clearly is one: "2024. was a good year" is no item. */
const endsParagraph = (text: string): boolean => {
  const found = itemPattern.exec(text);
  return found !== null && (found[3] ?? "") !== "" && (!/^\d/.test(found[2] ?? "") || /^1[.)]$/.test(found[2] ?? ""));
};

const dedent = (lines: readonly string[]): readonly string[] => {
  const filled = lines.filter((line) => !isBlank(line));
  const common = filled.reduce((least, line) => Math.min(least, line.search(/[^ \t]/)), Number.POSITIVE_INFINITY);
  return lines.map((line) => (isBlank(line) ? "" : line.slice(common)));
};

type Taken = readonly [block: readonly Block[], next: number];

const takeItem = (lines: readonly MarkdownLine[], at: number): Taken => {
  const [, indent = "", , first = ""] = itemPattern.exec(lines[at]?.text ?? "") ?? [];
  const base = width(indent);
  const rest: string[] = [];
  let next = at + 1;
  let fence = lines[at]?.fence ?? null;
  for (; next < lines.length; next += 1) {
    const { text, fence: inFence } = lines[next] ?? { text: "", fence: null };
    const belongs = indentOf(text) > base;
    if (inFence !== null && inFence === fence) {
      rest.push(text);
    } else if (isBlank(text)) {
      const after = lines.slice(next, next + 50).find((line) => !isBlank(line.text));
      if (after === undefined || indentOf(after.text) <= base) break;
      rest.push("");
    } else if (belongs) {
      fence = inFence;
      rest.push(text);
    } else if (itemPattern.test(text) || startsBlock(lines, next) || isBlank(lines[next - 1]?.text ?? "")) {
      break;
    } else {
      rest.push(text);
    }
  }
  const box = /^\[([ xX])\](?=[ \t]|$)[ \t]*/.exec(first);
  const text = [first.slice(box?.[0].length ?? 0).trim(), ...dedent(rest)].join("\n").trim();
  return [[{ kind: "item", text, checked: box === null ? null : box[1] !== " " }], next];
};

const takeTable = (lines: readonly MarkdownLine[], at: number, names: readonly string[]): Taken => {
  const rows: Block[] = [];
  let next = at + 2;
  for (; next < lines.length; next += 1) {
    const { text, fence } = lines[next] ?? { text: "", fence: null };
    if (fence !== null || isBlank(text) || !text.includes("|") || atxHeading(text) !== null) break;
    const cells = cellsOf(text);
    if (cells.every((cell) => cell === "")) continue;
    const pairs = Array.from({ length: Math.max(names.length, cells.length) }, (_, column) => {
      const [name, cell] = [names[column] ?? "", cells[column] ?? ""];
      return name === "" ? cell : `${name}: ${cell}`.trim();
    });
    rows.push({ kind: "row", text: pairs.filter((pair) => pair !== "").join("; ") });
  }
  const title = names.filter((name) => name !== "").join(", ");
  return [rows.length === 0 ? [{ kind: "paragraph", text: title }] : rows, next];
};

const takeWhile = (lines: readonly MarkdownLine[], at: number, goesOn: (line: MarkdownLine, at: number) => boolean) => {
  let next = at + 1;
  while (next < lines.length && goesOn(lines[next] ?? { text: "", fence: null }, next)) next += 1;
  return { texts: lines.slice(at, next).map((line) => line.text), next };
};

const takeParagraph = (lines: readonly MarkdownLine[], at: number): Taken => {
  const { texts, next } = takeWhile(
    lines,
    at,
    (line, index) => !startsBlock(lines, index) && !endsParagraph(line.text) && !/^ {0,3}=+[ \t]*$/.test(line.text),
  );
  const under = lines[next];
  const mark = under?.fence === null ? /^ {0,3}(=+|-+)[ \t]*$/.exec(under.text)?.[1] : undefined;
  const text = texts.join("\n").trimEnd();
  if (mark === undefined) return [[{ kind: "paragraph", text }], next];
  const isHeading = texts.length === 1 && text.length <= maxHeading;
  const block: Block = isHeading
    ? { kind: "heading", level: mark.startsWith("=") ? 1 : 2, text: text.trim() }
    : { kind: "paragraph", text };
  return [[block], next + 1];
};

const takeBlock = (lines: readonly MarkdownLine[], at: number): Taken => {
  const { text, fence } = lines[at] ?? { text: "", fence: null };
  if (isBlank(text) && fence === null) return [[], at + 1];
  if (itemPattern.test(text) && !isRule(text)) return takeItem(lines, at);
  if (fence !== null) {
    const { texts, next } = takeWhile(lines, at, (line) => line.fence === fence);
    return [[{ kind: "code", text: texts.join("\n") }], next];
  }
  if (isRule(text)) return [[], at + 1];
  const heading = atxHeading(text);
  if (heading !== null) return [[heading], at + 1];
  const names = tableAt(lines, at);
  if (names !== null) return takeTable(lines, at, names);
  if (/^ {0,3}>/.test(text)) {
    const { texts, next } = takeWhile(lines, at, (line) => line.fence === null && /^ {0,3}>/.test(line.text));
    return [
      [
        {
          kind: "quote",
          text: texts
            .map((line) => line.replace(/^ {0,3}> ?/, ""))
            .join("\n")
            .trim(),
        },
      ],
      next,
    ];
  }
  return takeParagraph(lines, at);
};

/** All blocks that hold any text. */
export const markdownBlocks = (lines: readonly MarkdownLine[]): readonly Block[] => {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length;) {
    const [taken, next] = takeBlock(lines, at);
    for (const block of taken) if (!isBlank(block.text)) blocks.push(block);
    at = next;
  }
  return blocks;
};
