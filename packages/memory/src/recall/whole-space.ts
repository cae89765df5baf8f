/**
 * The figures of a whole space, for an index that holds only some of its documents and the terms of one question: its
 * scores are then those that an index of all would give, as far as what lends context to each document is there.
 */
export interface WholeSpace {
  /** One more than the largest number of a document. */
  readonly documents: number;
  /** Passages of what is current, and the sum of their lengths with what they borrow. */
  readonly passages: number;
  readonly length: number;
  /** How many of these passages hold a term of themselves; terms are numbered as by `numberOf`. */
  readonly holding: (term: number) => number;
  /** The number of a term of an entry among the question's; −1 for one that nobody asks about. */
  readonly numberOf: (term: number) => number;
}
