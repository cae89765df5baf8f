/**
 * Every constant of recall, in one place. Source: the measurements of docs/recall.md, fitted on LoCoMo conversations
 * 1–5 and reported on 6–10 (`npm run bench -- recall`); the optimum is flat, so none is worth fine tuning.
 */
export const tuning = {
  /** BM25 (Robertson & Zaragoza 2009): saturation of repeats, and how much length counts. */
  k1: 1,
  b: 0.7,
  /** A text is cut into equal passages of at most this many terms; the best passage counts. */
  passageTerms: 60,
  /** A text of many passages has more chances to match by accident: ℓ is divided by 1 + this · ln(passages). */
  passagePenalty: 0.3,
  /**
   * Neighbours in one session lend the first terms of theirs, at decay^distance (the contiguity effect of memory); what
   * was said before explains a turn better than what was said after.
   */
  contextDistance: 3,
  contextBefore: 0.65,
  contextAfter: 0.5,
  contextTerms: 30,
  /** Weight of the cosine, and the number of terms from which a text's cosine counts in full. */
  dense: 0.45,
  denseFullTerms: 24,
  /** Weight of an author who is named in the question. */
  author: 0.07,
  /** Weight of the session: mean lexical score of its three best memories. */
  session: 0.1,
  sessionBest: 3,
  /**
   * A turn right after another's question, of at most so many terms, answers it: this much of that question's ℓ is its
   * own.
   */
  reply: 0.25,
  replyTerms: 20,
  /** Weight of telling a time where the question asks for one. */
  timeCue: 0.06,
  /**
   * Asking again with the most telling terms of the best documents: by so much of its own a score rises with the second
   * answer's ℓ, for questions of up to so many terms; longer ones get proportionally less.
   */
  feedback: 0.8,
  feedbackQuestionTerms: 8,
  feedbackDocuments: 3,
  feedbackTerms: 8,
  /**
   * From this many documents on a question is asked once, and its words that more than this share of all texts hold are
   * left out, as long as it has others: they tell little apart, and reading them is most of the work.
   */
  largeSpace: 50_000,
  commonShare: 0.1,
  /** Weight of having happened in a time that the question names ("last week"). */
  time: 0.15,
  /** Calibration: the score that maps to 0.5, and the slope; together .3 keeps 95 % of the right answers of dev. */
  calibrationHalf: 0.164,
  calibrationSlope: 1.5,
  /**
   * From this many documents on, and where filters leave at least this share of them, cosines are estimated first. Over
   * 100,000 real vectors of 256 dimensions the estimate errs by .036 on average and by .12 at the 99th percentile.
   */
  sketchFrom: 20_000,
  sketchShare: 0.15,
  sketchMargin: 0.2,
  /** More candidates than this are not worth an estimate. */
  sketchMost: 6_000,
} as const;
