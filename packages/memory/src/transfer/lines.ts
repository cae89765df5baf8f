/**
 * Lines out of chunks of text, with a bound on their length: an import must not let one endless line fill the
 * memory. A line that is too long is reported by its number and skipped, the next one is read as usual.
 */
export interface NumberedLine {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line ending; `null` when it was longer than allowed. */
  readonly text: string | null;
}

export interface LineSplitter {
  /** Lines that this chunk completes. */
  readonly push: (chunk: string) => readonly NumberedLine[];
  /** The last line, when the text does not end in a newline. */
  readonly end: () => readonly NumberedLine[];
}

/** Fits a memory of the greatest length with vectors and metadata many times over. */
export const maxLineCharacters = 4_000_000;

export const makeLineSplitter = (maxCharacters: number = maxLineCharacters): LineSplitter => {
  let number = 0;
  let parts: string[] = [];
  let length = 0;
  let isFirst = true;
  const add = (part: string): void => {
    length += part.length;
    if (length <= maxCharacters + 1) parts.push(part);
    else parts = [];
  };
  const finish = (): NumberedLine => {
    const text = parts.join("").replace(/\r$/, "");
    const line = { number: ++number, text: length > maxCharacters + 1 || text.length > maxCharacters ? null : text };
    parts = [];
    length = 0;
    return line;
  };
  return {
    push: (chunk) => {
      const lines: NumberedLine[] = [];
      let from = isFirst && chunk.startsWith("\ufeff") ? 1 : 0;
      if (chunk !== "") isFirst = false;
      for (let at = chunk.indexOf("\n", from); at !== -1; at = chunk.indexOf("\n", from)) {
        add(chunk.slice(from, at));
        lines.push(finish());
        from = at + 1;
      }
      if (from < chunk.length) add(chunk.slice(from));
      return lines;
    },
    end: () => (length === 0 ? [] : [finish()]),
  };
};

/** All lines of a text. */
export const linesOf = (text: string, maxCharacters?: number): readonly NumberedLine[] => {
  const splitter = makeLineSplitter(maxCharacters);
  return [...splitter.push(text), ...splitter.end()];
};
