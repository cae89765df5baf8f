/** The port of the lexical signal: what words say of each document of one space; lexical-index.ts makes it. */
/** Which documents a question may see: 1 at the document's number. */
export type Mask = Uint8Array;

export interface LexicalScores {
  /** ℓ by document number, 0 where no term matched. Valid until the next question. */
  readonly scores: Float32Array;
  /** Time was up before every term had been read: ℓ is of those that were. */
  readonly partial: boolean;
}

export interface ScoreOptions {
  /** True when the population is exactly what is current: then nobody need look at it. */
  readonly everyone?: boolean;
  /** Asked often; once true, what has been summed up by then is the answer. */
  readonly outOfTime?: () => boolean;
  /** How much each term counts, above 0, in the order of the terms; absent: 1 each. */
  readonly weights?: readonly number[];
}

export interface LexicalIndex {
  readonly add: (doc: number, bag: Uint8Array, session: number, position: number) => void;
  /** The document is no longer current. */
  readonly close: (doc: number) => void;
  /** Nothing counts a closed document any more: an index made without it would answer alike. */
  readonly erase: (doc: number) => void;
  /** ℓ of every document of `population` that holds a term. `terms` are distinct term numbers, −1 for unknown ones. */
  readonly score: (terms: readonly number[], population: Mask, options?: ScoreOptions) => LexicalScores;
  readonly ownTerms: (doc: number) => number;
  /** Whether a document that holds the term passes the test. */
  readonly someHolder: (term: number, test: (doc: number) => boolean) => boolean;
  /** The inverse document frequency of a term, by what holds it of itself. */
  readonly rarity: (term: number) => number;
  /** How many of all texts, or of their passages, hold a term of themselves: 0..1. */
  readonly shareOf: (term: number) => number;
  /** The document just after one in its session, or −1. */
  readonly after: (doc: number) => number;
  readonly before: (doc: number) => number;
  /** The documents that are in sessions now, plus one, among zeros: by slot, before `end`. Valid until a change. */
  readonly inSessions: () => { readonly docAt: Int32Array; readonly end: number };
  readonly neighbours: (doc: number, distance: number) => readonly number[];
  readonly bytes: () => number;
}
