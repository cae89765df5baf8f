/**
 * The one analyzer: turns text into the terms that every engine indexes and every question is asked in, so that the
 * same words match everywhere (DESIGN.md, "One analyzer").
 *
 * Text is folded (NFKC, lower case, accents off) and cut into runs of letters and digits. Scripts without spaces are
 * segmented by dictionary (`Intl.Segmenter`); because a question may be cut elsewhere, longer Chinese and Japanese words
 * give their pairs of characters too, and Thai, Lao, Khmer and Burmese ones, whose characters are sounds, their triples.
 * Identifiers (`getUserById`, `node:fs`, `v1.2.3`) are kept whole and also split. Words are stemmed by script: Latin as
 * English (Snowball), Cyrillic as Russian, Arabic by its light stemmer.
 *
 * Change what it yields and every space must be re-indexed: raise `analyzerVersion`.
 */
import { stemmer as stemArabic } from "@orama/stemmers/arabic";
import { stemmer as stemRussian } from "@orama/stemmers/russian";
import { stemEnglish } from "./english-stem.ts";
import { stopWords } from "./stop-words.ts";

export const analyzerVersion = 1;

/** A term is cut here: nobody searches for the tail of a base64 blob, and the lexicon stays small. */
const longestTerm = 64;
const stemsKept = 50_000;
const stems = new Map<string, string>();

const asciiWord = /^[a-z]+$/;
const cyrillic = /^\p{Script=Cyrillic}+$/u;
const arabic = /^\p{Script=Arabic}+$/u;
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const pairable = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u;
const triable = /^[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}]+$/u;
const segmenter = new Intl.Segmenter("und", { granularity: "word" });

const stemOf = (word: string): string => {
  if (asciiWord.test(word)) return stemEnglish(word);
  if (cyrillic.test(word)) return stemRussian(word);
  if (arabic.test(word)) return stemArabic(word);
  return word;
};

/** The stem of a folded word; remembered, since text repeats its words. */
const stem = (word: string): string => {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const made = stemOf(word);
  if (stems.size >= stemsKept) stems.clear();
  stems.set(word, made);
  return made;
};

/** Accents off, compatibility forms (full width, ligatures) unified; lone surrogates become U+FFFD, which no term holds. */
const fold = (text: string): string =>
  text
    .toWellFormed()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640]/g, "")
    .normalize("NFC");

/** Cut to the longest term, never between the halves of a surrogate pair. */
const cut = (word: string): string => {
  if (word.length <= longestTerm) return word;
  return word.slice(0, word.charCodeAt(longestTerm - 1) >> 10 === 0x36 ? longestTerm - 1 : longestTerm);
};

const pushWord = (terms: string[], word: string): void => {
  if (word === "" || stopWords.has(word)) return;
  terms.push(stem(cut(word)));
};

/** The overlapping groups of `size` characters, each with its marks, of a word that is longer. */
const pushGroups = (terms: string[], word: string, size: number): void => {
  const characters = word.match(/\P{M}\p{M}*/gu) ?? [];
  if (characters.length <= size) return;
  for (let at = 0; at + size <= characters.length; at++) terms.push(characters.slice(at, at + size).join(""));
};

const pushSegmented = (terms: string[], run: string): void => {
  for (const { segment, isWordLike } of segmenter.segment(run)) {
    if (isWordLike !== true) continue;
    pushWord(terms, segment);
    if (segment.length < 3) continue;
    if (pairable.test(segment)) pushGroups(terms, segment, 2);
    else if (triable.test(segment)) pushGroups(terms, segment, 3);
  }
};

/** A run of letters, digits and marks in its own case; camelCase is split, and kept whole as well. */
const pushRun = (terms: string[], run: string): void => {
  if (spaceless.test(run)) return pushSegmented(terms, run.toLowerCase());
  const lower = run.toLowerCase();
  if (/\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}/u.test(run)) {
    const parts = run.split(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u);
    if (parts.length > 1 && parts.length <= 12) {
      // Whole identifiers are matched as they are, never stemmed.
      terms.push(cut(lower));
      for (const part of parts) pushWord(terms, part.toLowerCase());
      return;
    }
  }
  pushWord(terms, lower);
};

const clitic = /['’](?:s|m|re|ve|ll|d|t)$/i;
const negated = /n['’]t$/i;
const runs = /[\p{L}\p{N}\p{M}_]+(?:(?:['’.:/@\\-]+|(?<=\d),(?=\d{3}))[\p{L}\p{N}\p{M}_]+)*/gu;
const plainNumber = /^\d+(?:[.,:]\d+)*$/;
const version = /^v?\d+(?:\.\d+)+$/;

/** One run with joints inside: `node:fs`, `well-known`, `1,000`, `v1.2.3`, `don't`, `a/b/c.ts`. */
const pushCompound = (terms: string[], found: string): void => {
  let run = found;
  if (negated.test(run)) run = run.slice(0, -3);
  else if (clitic.test(run)) run = run.replace(clitic, "");
  const lower = run.toLowerCase();
  if (plainNumber.test(run)) return void terms.push(run.replaceAll(",", ""));
  if (version.test(lower)) return void terms.push(lower.replace(/^v/, ""));
  const parts = run.split(/['’.:/@\\_-]+/);
  if (parts.length > 1 && /[.:/@\\_-]/.test(run)) terms.push(cut(lower));
  for (const part of parts) pushRun(terms, part);
};

const simpleRun = /^[\p{L}\p{N}\p{M}]+$/u;

/** The terms of a text in order, with repeats; stop words are gone. Total: any string gives a list. */
export const analyze = (text: string): string[] => {
  const terms: string[] = [];
  for (const [found] of fold(text).matchAll(runs)) {
    if (simpleRun.test(found)) pushRun(terms, found);
    else pushCompound(terms, found);
  }
  return terms;
};
