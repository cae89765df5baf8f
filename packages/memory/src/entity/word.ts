/** Words of a text with what tells names from other words: capitals, and whether a sentence begins there. */
import { firstNames, organizations, places, titles } from "./known-names.ts";
import { technologies } from "./known-technology.ts";

export interface Word {
  /** As written, without a possessive. */
  readonly text: string;
  readonly lower: string;
  readonly start: number;
  readonly end: number;
  readonly capital: boolean;
  /** Letters, all of them capitals, at least two. */
  readonly upper: boolean;
  readonly possessive: boolean;
  readonly initial: boolean;
  /** Nothing but one space stands between this word and the one before. */
  readonly joined: boolean;
  /** The sentence writes nearly every word with a capital: they tell nothing. */
  readonly shouting: boolean;
}

const pattern = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’&.-][\p{L}\p{M}\p{N}]+)*(?:\+\+|#)?/gu;
const sentenceEnd = /[.!?…:;\n"“”„«»([{|•>。！？]|^\s*[-*–—]\s|\s[-–—]\s/u;

type Draft = Omit<Word, "shouting">;

const isKnown = (lower: string): boolean =>
  firstNames.has(lower) || places.has(lower) || organizations.has(lower) || technologies.has(lower);

export const findWords = (content: string): readonly Word[] => {
  const words: Word[] = [];
  let sentence: Draft[] = [];
  const close = (): void => {
    const telling = sentence.filter(({ text, lower }) => text.length > 2 && !isKnown(lower));
    const loud = telling.length >= 4 && telling.filter(({ capital }) => capital).length / telling.length > 0.8;
    const screams =
      sentence.length >= 2 &&
      sentence.every(({ upper, text }) => upper || text.length < 2) &&
      sentence.some(({ text }) => text.length > 4);
    words.push(...sentence.map((word) => ({ ...word, shouting: loud || screams })));
    sentence = [];
  };
  let last = 0;
  for (const match of content.matchAll(pattern)) {
    const gap = content.slice(last, match.index);
    const previous = sentence.at(-1);
    const afterTitle =
      gap === ". " &&
      previous !== undefined &&
      (titles.has(previous.lower) || (previous.upper && previous.text.length === 1) || /^\p{Lu}$/u.test(previous.text));
    const initial = previous === undefined || (sentenceEnd.test(gap) && !afterTitle);
    if (initial && previous !== undefined) close();
    const possessive = /['’]s$/u.test(match[0]);
    const text = possessive ? match[0].slice(0, -2) : match[0];
    last = match.index + match[0].length;
    sentence.push({
      text,
      lower: text.toLowerCase(),
      start: match.index,
      end: match.index + text.length,
      capital: /^\p{Lu}/u.test(text),
      upper: /^[\p{Lu}\p{N}]{2,}$/u.test(text) && /\p{Lu}/u.test(text),
      possessive,
      initial,
      joined: gap === " " || (afterTitle && gap === ". "),
    });
  }
  close();
  return words;
};
