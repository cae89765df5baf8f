/**
 * How many texts go into one request. It begins small and doubles while answers come quickly, up to the 2,048 that
 * OpenAI's API takes; where they take long (a model on a small machine) it halves. So no request holds up those behind
 * it for more than a few seconds, and a large import to a fast service needs few requests.
 */
export interface Pace {
  readonly texts: () => number;
  /** A full request took that long. */
  readonly took: (texts: number, milliseconds: number) => void;
  /** So many did not get an answer in time. */
  readonly tooSlow: (texts: number) => void;
  /** The service takes no more at once than half of so many, or hardly more. */
  readonly tooMany: (texts: number) => void;
  /** Bytes of an answer for one text, now that it is known how the service writes them. */
  readonly answerBytesEach: (bytes: number) => void;
}

export const mostTexts = 2_048;
const firstTexts = 256;
const quickMs = 1_500;
const slowMs = 4_000;
/** An answer is parsed in this thread: as much as takes some ten milliseconds. */
const answerBytes = 4 * 1_048_576;

export const makePace = (): Pace => {
  let texts = firstTexts;
  let taken = mostTexts;
  let parsed = mostTexts;
  const set = (wanted: number): void => {
    texts = Math.max(1, Math.min(wanted, taken, parsed));
  };
  return {
    texts: () => texts,
    took: (count, milliseconds) => {
      if (milliseconds > slowMs) set(Math.min(texts, Math.ceil(count / 2)));
      else if (milliseconds < quickMs && count >= texts) set(texts * 2);
    },
    tooSlow: (count) => set(Math.min(texts, count >> 1)),
    tooMany: (count) => {
      taken = Math.max(1, Math.min(taken, count >> 1));
      set(texts);
    },
    answerBytesEach: (bytes) => {
      parsed = Math.max(16, Math.floor(answerBytes / bytes));
      set(texts);
    },
  };
};
