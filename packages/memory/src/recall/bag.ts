/**
 * What the lexical signal keeps of one text: passages of at most `tuning.passageTerms` terms, each a bag of
 * (term, frequency, frequency among the text's first `tuning.contextTerms` terms). The author's name and the date as
 * words belong to every passage, so that "what did Ann say in May" finds them, but are not lent to neighbours.
 *
 * A bag is stored as bytes beside its row, in the row's transaction; the search index in memory is built from these
 * bytes alone. Layout: varints `headLength`, `ownLength`, `passages`, then per passage `length`, `distinct`, and per term
 * `id − previous id` and one byte `frequency << 4 | headFrequency` (each at most 15).
 */
import { tuning } from "./tuning.ts";

export interface Posting {
  readonly term: number;
  readonly frequency: number;
  readonly head: number;
}

export interface Passage {
  /** Number of terms with repeats, author and date included. */
  readonly length: number;
  readonly postings: readonly Posting[];
}

export interface Bag {
  /** Number of terms that neighbours may borrow. */
  readonly headLength: number;
  /** Number of terms of the text itself. */
  readonly ownLength: number;
  readonly passages: readonly Passage[];
}

const most = 15;

const countPassage = (
  terms: readonly string[],
  headTerms: number,
  extra: readonly string[],
  idOf: (term: string) => number,
): Passage => {
  const counts = new Map<number, { frequency: number; head: number }>();
  const count = (term: string, inHead: boolean): void => {
    const id = idOf(term);
    const seen = counts.get(id);
    if (seen === undefined) counts.set(id, { frequency: 1, head: inHead ? 1 : 0 });
    else {
      seen.frequency = Math.min(most, seen.frequency + 1);
      if (inHead) seen.head = Math.min(most, seen.head + 1);
    }
  };
  for (const [at, term] of terms.entries()) count(term, at < headTerms);
  for (const term of extra) count(term, false);
  const postings = [...counts].map(([term, seen]) => ({ term, ...seen })).sort((a, b) => a.term - b.term);
  return { length: terms.length + extra.length, postings };
};

/** Cuts analysed text into equal passages. `extra` are the terms of author and date; `idOf` numbers terms. */
export const makeBag = (terms: readonly string[], extra: readonly string[], idOf: (term: string) => number): Bag => {
  const pieces = Math.max(1, Math.ceil(terms.length / tuning.passageTerms));
  const headLength = Math.min(terms.length, tuning.contextTerms);
  const passages: Passage[] = [];
  for (let piece = 0; piece < pieces; piece++) {
    const from = Math.floor((piece * terms.length) / pieces);
    const to = Math.floor(((piece + 1) * terms.length) / pieces);
    passages.push(countPassage(terms.slice(from, to), piece === 0 ? headLength : 0, extra, idOf));
  }
  return { headLength, ownLength: terms.length, passages };
};

const pushVarint = (bytes: number[], given: number): void => {
  let value = given;
  while (value >= 0x80) {
    bytes.push((value & 0x7f) | 0x80);
    value >>>= 7;
  }
  bytes.push(value);
};

export const encodeBag = (bag: Bag): Uint8Array => {
  const bytes: number[] = [];
  pushVarint(bytes, bag.headLength);
  pushVarint(bytes, bag.ownLength);
  pushVarint(bytes, bag.passages.length);
  for (const { length, postings } of bag.passages) {
    pushVarint(bytes, length);
    pushVarint(bytes, postings.length);
    let previous = 0;
    for (const { term, frequency, head } of postings) {
      pushVarint(bytes, term - previous);
      bytes.push((frequency << 4) | head);
      previous = term;
    }
  }
  return Uint8Array.from(bytes);
};

/** Walks an encoded bag without building objects: the index reads a hundred thousand of them at start. */
export interface BagVisitor {
  readonly start: (headLength: number, ownLength: number, passages: number) => void;
  readonly passage: (length: number) => void;
  readonly posting: (term: number, frequency: number, head: number) => void;
}

export const visitBag = (bytes: Uint8Array, visitor: BagVisitor): void => {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  const headLength = varint();
  const ownLength = varint();
  const passages = varint();
  visitor.start(headLength, ownLength, passages);
  for (let passage = 0; passage < passages; passage++) {
    visitor.passage(varint());
    let term = 0;
    for (let left = varint(); left > 0; left--) {
      term += varint();
      const packed = bytes[at++] ?? 0;
      visitor.posting(term, packed >> 4, packed & 15);
    }
  }
};
