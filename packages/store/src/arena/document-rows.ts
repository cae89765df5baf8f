/**
 * Which rows belong to which document. Rows are dense: a removed row is replaced by the last one, so that a scan never
 * skips holes. A document's rows form a doubly linked list through arrays of numbers (0 is "none", so a link is
 * row + 1): twelve bytes a row and four a document instead of an object each, and any row can be moved in O(1).
 */
/** How many the arrays have room for at first. */
const fewRows = 256;

export interface DocumentRows {
  readonly count: () => number;
  /** The document of each row; valid until the next `append` or `clear`. */
  readonly docOf: () => Int32Array;
  /** A new last row, of this document; its number. */
  readonly append: (doc: number) => number;
  /**
   * Removes all rows of a document, one by one. Each time `drop(last, row)` is told that the rows end before `last` now
   * and that what `last` held belongs at `row`, which may be `last` itself.
   */
  readonly remove: (doc: number, drop: (last: number, row: number) => void) => void;
  /** The first row of a document; −1 for none. */
  readonly firstOf: (doc: number) => number;
  /** The next row of the same document; −1 after the last. */
  readonly after: (row: number) => number;
  readonly clear: () => void;
}

const grown = (array: Int32Array<ArrayBuffer>, need: number): Int32Array<ArrayBuffer> => {
  const bigger = new Int32Array(Math.max(need, array.length * 2));
  bigger.set(array);
  return bigger;
};

export const makeDocumentRows = (): DocumentRows => {
  let count = 0;
  let docOf = new Int32Array(fewRows);
  let next = new Int32Array(fewRows);
  let previous = new Int32Array(fewRows);
  let first = new Int32Array(fewRows);

  const place = (row: number, before: number, after: number): void => {
    previous[row] = before;
    next[row] = after;
    if (before === 0) first[docOf[row]!] = row + 1;
    else next[before - 1] = row + 1;
    if (after !== 0) previous[after - 1] = row + 1;
  };

  return {
    count: () => count,
    docOf: () => docOf,
    append: (doc) => {
      const row = count++;
      if (row >= docOf.length) {
        docOf = grown(docOf, row + 1);
        next = grown(next, row + 1);
        previous = grown(previous, row + 1);
      }
      if (doc >= first.length) first = grown(first, doc + 1);
      docOf[row] = doc;
      place(row, 0, first[doc]!);
      return row;
    },
    remove: (doc, drop) => {
      if (doc >= first.length) return;
      for (let link = first[doc]!; link !== 0; link = first[doc]!) {
        const row = link - 1;
        // Unlinked first: the row that takes its place may be another of this document.
        const after = next[row]!;
        first[doc] = after;
        if (after !== 0) previous[after - 1] = 0;
        const last = --count;
        if (row !== last) {
          docOf[row] = docOf[last]!;
          place(row, previous[last]!, next[last]!);
        }
        drop(last, row);
      }
    },
    firstOf: (doc) => (doc < first.length ? first[doc]! - 1 : -1),
    after: (row) => next[row]! - 1,
    clear: () => {
      count = 0;
      docOf = new Int32Array(fewRows);
      next = new Int32Array(fewRows);
      previous = new Int32Array(fewRows);
      first = new Int32Array(fewRows);
    },
  };
};
