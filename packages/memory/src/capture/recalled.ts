/**
 * Whether a sentence says no more than something that was recalled into the prompt. Words are compared as search does;
 * a number, name, date or negation that the recalled text does not have makes a sentence new, since that is how people
 * correct what an agent believes.
 */
import { normalizedContent } from "../memory/duplicate.ts";
import { markTokens } from "../memory/marks.ts";
import { samenessOf } from "../memory/sameness.ts";
import { analyze } from "../text/analyzer.ts";

export interface Recalled {
  readonly holds: (sentence: string) => boolean;
}

/** Share of a sentence's words that the recalled text must have. */
const leastShared = 0.75;
const fewestTerms = 3;

const noOccasion = { author: null, occurredAt: null, sessionId: null, sessionSeq: null } as const;
const nearHash = (content: string): string => Buffer.from(samenessOf({ ...noOccasion, content }).near).toString("hex");
/** A mark without the letter that tells its kind. */
const bare = (mark: string): string => mark.replace(/^\p{L}:(?=.)/u, "").toLowerCase();

/** Whether a name counts as one depends on where it stands, so what was recalled is compared with all of its words. */
const wordsOf = (content: string): readonly string[] => markTokens(content).map(({ text }) => bare(text));
/** Marks that change nothing of what a sentence says about its subject. */
const plain = new Set(
  "to for with here there too than from by at in on into onto via during while through already now then always again still yet did had will would was were some most all every each any that i me my".split(
    " ",
  ),
);
const marksOf = (content: string): readonly string[] =>
  markTokens(content)
    .flatMap(({ text, mark }) => (mark ? [bare(text)] : []))
    .filter((mark) => !plain.has(mark));

export const makeRecalled = (texts: readonly string[]): Recalled => {
  const exact = new Set(texts.map(normalizedContent));
  const near = new Set(texts.map(nearHash));
  const known = texts.map((text) => ({ terms: new Set(analyze(text)), words: new Set(wordsOf(text)) }));
  return {
    holds: (sentence) => {
      if (known.length === 0) return false;
      if (exact.has(normalizedContent(sentence)) || near.has(nearHash(sentence))) return true;
      const terms = [...new Set(analyze(sentence))];
      if (terms.length < fewestTerms) return false;
      const marks = marksOf(sentence);
      return known.some(
        (one) =>
          terms.filter((term) => one.terms.has(term)).length >= leastShared * terms.length &&
          marks.every((mark) => one.words.has(mark)),
      );
    },
  };
};
