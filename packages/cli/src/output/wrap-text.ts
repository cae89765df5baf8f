/**
 * Breaking text into lines of a terminal's width. Width is counted in cells as terminals do (wcwidth): wide East Asian
 * characters and emoji take two, combining marks none. Input must be escaped already.
 */
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;
const isPlain = (text: string): boolean => /^[\u0020-\u007e]*$/u.test(text);

export const displayWidth = (text: string): number => {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (/^\p{Mark}+$/u.test(segment) || segment === "\u200b") continue;
    width += wide.test(segment) || segment.includes("\ufe0f") ? 2 : 1;
  }
  return width;
};

/** A word that is longer than a line, in pieces that fit. */
const piecesOf = (word: string, width: number): readonly string[] => {
  const pieces: string[] = [];
  let piece = "";
  let taken = 0;
  for (const { segment } of segmenter.segment(word)) {
    const cells = displayWidth(segment);
    if (taken + cells > width && piece !== "") {
      pieces.push(piece);
      piece = "";
      taken = 0;
    }
    piece += segment;
    taken += cells;
  }
  return piece === "" ? pieces : [...pieces, piece];
};

const wrapLine = (line: string, width: number): readonly string[] => {
  if (displayWidth(line) <= width) return [line];
  const lead = /^ */u.exec(line)?.[0].slice(0, Math.floor(width / 2)) ?? "";
  const lines: string[] = [];
  let current = lead;
  let taken = lead.length;
  const flush = (): void => {
    lines.push(current.trimEnd());
    current = lead;
    taken = lead.length;
  };
  for (const word of line.trim().split(/ +/u)) {
    const cells = displayWidth(word);
    if (taken > lead.length && taken + 1 + cells > width) flush();
    if (lead.length + cells > width) {
      const pieces = piecesOf(word, Math.max(2, width - lead.length));
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) flush();
        current += piece;
        taken += displayWidth(piece);
      }
      continue;
    }
    const space = taken > lead.length ? " " : "";
    current += space + word;
    taken += space.length + cells;
  }
  if (current.trim() !== "") lines.push(current);
  return lines;
};

const tabs = "    ";

/** Lines of at most `width` cells; the text's own line breaks stay. */
export const wrapText = (text: string, width: number): readonly string[] =>
  text
    .replaceAll("\t", tabs)
    .split("\n")
    .flatMap((line) => wrapLine(line.trimEnd(), Math.max(10, width)));

/** Wrapped, and each line after `indent`. */
export const indentText = (text: string, width: number, indent: string): string =>
  wrapText(text, width - indent.length)
    .map((line) => (line === "" ? "" : `${indent}${line}`))
    .join("\n");
