/**
 * What the passages have been found worth, term by term, and from that the scores of their documents. Passages are kept
 * in blocks, so that those without any match cost nothing, and those whose documents have one passage each, nearly all,
 * are turned into scores without a branch.
 */
import { firstCapacity, grown } from "./postings.ts";
import { tuning } from "./tuning.ts";

export interface PassageSums {
  /** Room for so many passages. */
  readonly fit: (passages: number) => void;
  /** The document of a passage has several. */
  readonly noteDivided: (passage: number) => void;
  /** To be added to: sums by passage; what a block of passages has got is marked in `reached`. Valid until `fit`. */
  readonly open: () => { readonly totals: Float32Array; readonly reached: Uint8Array };
  /**
   * Writes the scores of all documents that have passages, from sums of which the best possible is `best`: the best
   * passage counts, the more passages the less. The sums are 0 afterwards.
   */
  readonly settle: (passages: number, best: number, into: DocumentScores) => void;
}

export interface DocumentScores {
  readonly docOf: Int32Array;
  readonly passageCount: Int32Array;
  readonly scores: Float32Array;
}

/** Passages of a block, as a power of two. */
export const sumBlockBits = 8;

export const makePassageSums = (): PassageSums => {
  let totals = new Float32Array(firstCapacity);
  // By block: whether it has a match, whether its documents have scores of an earlier question, and whether any of its
  // documents has several passages.
  let reached = new Uint8Array(64);
  let stale = new Uint8Array(64);
  let divided = new Uint8Array(64);

  /** Blocks whose scores will not all be written over. */
  const forget = (passages: number, { docOf, scores }: DocumentScores): void => {
    for (let block = 0; block << sumBlockBits < passages; block++) {
      if (stale[block] === 0 || (reached[block] === 1 && divided[block] === 0)) continue;
      stale[block] = 0;
      const to = Math.min(passages, (block + 1) << sumBlockBits);
      for (let passage = block << sumBlockBits; passage < to; passage++) scores[docOf[passage]!] = 0;
    }
  };

  return {
    fit: (passages) => {
      totals = grown(totals, passages);
      const blocks = (totals.length >> sumBlockBits) + 1;
      reached = grown(reached, blocks);
      stale = grown(stale, blocks);
      divided = grown(divided, blocks);
    },
    noteDivided: (passage) => {
      divided[passage >> sumBlockBits] = 1;
    },
    open: () => ({ totals, reached }),
    settle: (passages, best, into) => {
      forget(passages, into);
      const { docOf, passageCount, scores } = into;
      const part = best === 0 ? 0 : 1 / best;
      for (let block = 0; block << sumBlockBits < passages; block++) {
        if (reached[block] === 0) continue;
        reached[block] = 0;
        stale[block] = 1;
        const from = block << sumBlockBits;
        const to = Math.min(passages, (block + 1) << sumBlockBits);
        if (divided[block] === 0) {
          for (let passage = from; passage < to; passage++) scores[docOf[passage]!] = totals[passage]! * part;
        } else {
          for (let passage = from; passage < to; passage++) {
            const doc = docOf[passage]!;
            const value = (totals[passage]! * part) / (1 + tuning.passagePenalty * Math.log(passageCount[doc]!));
            if (value > scores[doc]!) scores[doc] = value;
          }
        }
        totals.fill(0, from, to);
      }
    },
  };
};
