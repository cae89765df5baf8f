/**
 * A Markdown text as lines without HTML comments, each told whether it belongs to a code fence. Comments and fences
 * must be found together: a comment in a fence is code, and a fence in a comment is a comment.
 */
export interface MarkdownLine {
  readonly text: string;
  /** Which fence the line belongs to, its own two lines included; `null` outside. */
  readonly fence: number | null;
}

const opening = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})(.*)$/;

interface Fence {
  readonly number: number;
  readonly mark: string;
}

const opens = (text: string, number: number): Fence | null => {
  const found = opening.exec(text);
  const mark = found?.[1];
  return mark === undefined || (mark.startsWith("`") && found?.[2]?.includes("`") === true) ? null : { number, mark };
};

const closes = (text: string, { mark }: Fence): boolean => {
  const trimmed = text.trim();
  return trimmed.length >= mark.length && trimmed === (mark[0] ?? "").repeat(trimmed.length);
};

/** Inside `code` on its line, which is where an odd number of backticks stands before it. */
const isInCode = (text: string, at: number): boolean => text.slice(0, at).split("`").length % 2 === 0;

/** Splits at any line ending; a comment that is never closed is text. */
export const markdownLines = (lines: readonly string[]): readonly MarkdownLine[] => {
  const result: MarkdownLine[] = [];
  const lastClose = lines.findLastIndex((line) => line.includes("-->"));
  let fences = 0;
  let fence: Fence | null = null;
  let inComment = false;
  lines.forEach((line, index) => {
    if (fence !== null) {
      result.push({ text: line, fence: fence.number });
      if (closes(line, fence)) fence = null;
      return;
    }
    let text = "";
    let from = 0;
    let hadComment = inComment;
    while (from < line.length) {
      if (inComment) {
        const close = line.indexOf("-->", from);
        from = close === -1 ? line.length : close + 3;
        inComment = close === -1;
        continue;
      }
      const start = line.indexOf("<!--", from);
      const isClosed = start !== -1 && (index < lastClose || line.indexOf("-->", start + 4) !== -1);
      if (start === -1 || !isClosed) {
        text += line.slice(from);
        break;
      }
      inComment = !isInCode(line, start);
      hadComment ||= inComment;
      text += line.slice(from, inComment ? start : start + 4);
      from = start + 4;
    }
    // A line that was only a comment is no line at all: it does not end a paragraph or a list.
    if (hadComment && text.trim() === "") return;
    fence = opens(text, fences + 1);
    if (fence !== null) fences += 1;
    result.push({ text, fence: fence === null ? null : fences });
  });
  return result;
};
