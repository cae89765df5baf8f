/**
 * The postings of a term, packed: a row holds those of 4,096 documents, three bytes each, the document's place in its
 * block and its impact. All that is said of a term in a quarter of a million texts is read in some dozens of rows.
 */
export const blockBits = 12;
const blockSize = 1 << blockBits;
const recordBytes = 3;
const levels = 255;

export const blockOf = (doc: number): number => Math.floor(doc / blockSize);
const placeOf = (doc: number): number => doc % blockSize;

/** impact: 0..1. */
export const pushPosting = (bytes: number[], doc: number, impact: number): void => {
  const place = placeOf(doc);
  bytes.push(place >> 8, place & 0xff, Math.max(1, Math.min(levels, Math.round(impact * levels))));
};

/** Calls `visit` with each posting of a block; one document may come several times, then side by side. */
export const eachPosting = (block: number, bytes: Uint8Array, visit: (doc: number, impact: number) => void): void => {
  const first = block * blockSize;
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes)
    visit(first + ((bytes[at]! << 8) | bytes[at + 1]!), bytes[at + 2]! / levels);
};

/** What is left of a block without some documents. */
export const withoutDocuments = (block: number, bytes: Uint8Array, gone: ReadonlySet<number>): Uint8Array => {
  const left: number[] = [];
  eachPosting(block, bytes, (doc, impact) => {
    if (!gone.has(doc)) pushPosting(left, doc, impact);
  });
  return Uint8Array.from(left);
};

export const postingsIn = (bytes: Uint8Array): number => bytes.length / recordBytes;
