/** Words, numbers and single signs of a text, with their place in it, and numbers in words. */
import { numberWords, ordinalWords } from "./vocabulary.ts";

export interface Token {
  /** Lower case, without a possessive 's. */
  readonly word: string;
  readonly kind: "word" | "digits" | "sign";
  readonly start: number;
  /** Where it ends, a possessive 's left out. */
  readonly end: number;
  /** Where the characters of the token end, a possessive included. */
  readonly fullEnd: number;
  readonly capital: boolean;
}

/** What is longer is read only this far. */
export const maxTextLength = 10_000;

const lexemes = /(\p{sc=Han}|\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)*)|(\d+)|[^\s]/gu;

export const tokenize = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  for (const match of text.slice(0, maxTextLength).matchAll(lexemes)) {
    const [full, word, digits] = match;
    const base = word === undefined ? full : full.replace(/['’]s?$/iu, "");
    tokens.push({
      word: base.toLowerCase().replace(/['’]/gu, ""),
      kind: word !== undefined ? "word" : digits !== undefined ? "digits" : "sign",
      start: match.index,
      end: match.index + base.length,
      fullEnd: match.index + full.length,
      capital: word !== undefined && /^\p{Lu}/u.test(full),
    });
  }
  return tokens;
};

const adjacent = (left: Token | undefined, right: Token | undefined): boolean =>
  left !== undefined && right !== undefined && left.fullEnd === right.start;

export interface Amount {
  readonly value: number;
  readonly next: number;
  /** "a few": the value is only about right. */
  readonly vague: boolean;
}

/** A whole number from 0 to 9999 at a token: digits, words, "a", "a couple of", "a few". */
export const amountAt = (tokens: readonly Token[], at: number): Amount | null => {
  const token = tokens[at];
  if (token === undefined) return null;
  if (token.kind === "digits") {
    const joined =
      /[.,]/u.test(tokens[at + 1]?.word ?? "") && tokens[at + 2]?.kind === "digits" && adjacent(token, tokens[at + 1]);
    return token.word.length <= 4 && !joined ? { value: Number(token.word), next: at + 1, vague: false } : null;
  }
  if (token.word === "a" || token.word === "an") {
    const inner = tokens[at + 1]?.word;
    if (inner === "couple" || inner === "few") return amountAt(tokens, at + 1);
    return { value: 1, next: at + 1, vague: false };
  }
  if (token.word === "couple") return { value: 2, next: tokens[at + 1]?.word === "of" ? at + 2 : at + 1, vague: true };
  if (token.word === "few" || token.word === "several") return { value: 4, next: at + 1, vague: true };
  const value = numberWords.get(token.word);
  if (value === undefined) return null;
  if (value < 20 || value % 10 !== 0) return { value, next: at + 1, vague: false };
  const ones = tokens[at + 1]?.word === "-" ? at + 2 : at + 1;
  const rest = numberWords.get(tokens[ones]?.word ?? "") ?? 0;
  return rest > 0 && rest < 10
    ? { value: value + rest, next: ones + 1, vague: false }
    : { value, next: at + 1, vague: false };
};

export interface Ordinal {
  readonly value: number;
  readonly next: number;
}

/** "5th", "fifth" or "twenty-first". */
export const ordinalAt = (tokens: readonly Token[], at: number): Ordinal | null => {
  const token = tokens[at];
  const following = tokens[at + 1];
  if (token?.kind === "digits") {
    const suffixed = adjacent(token, following) && /^(?:st|nd|rd|th)$/u.test(following?.word ?? "");
    return suffixed && token.word.length <= 2 ? { value: Number(token.word), next: at + 2 } : null;
  }
  const value = ordinalWords.get(token?.word ?? "");
  if (value !== undefined) return { value, next: at + 1 };
  const tens = numberWords.get(token?.word ?? "") ?? 0;
  if (tens < 20) return null;
  const ones = following?.word === "-" ? at + 2 : at + 1;
  const rest = ordinalWords.get(tokens[ones]?.word ?? "") ?? 0;
  return rest > 0 && rest < 10 ? { value: tens + rest, next: ones + 1 } : null;
};
