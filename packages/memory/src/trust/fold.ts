/**
 * Text as the rules read it: lower case, accents off, compatibility forms unified, invisible characters gone, letters
 * of another script that only look Latin made Latin, letters written apart brought together. What hides a word from a
 * person hides it from a rule too, so all of it is undone first. Every step is one pass.
 */

/** Zero-width and soft characters, direction marks, and the tag characters that no font shows. */
export const invisible = /\p{Default_Ignorable_Code_Point}/gu;

const lookAlikes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    а: "a",
    в: "b",
    е: "e",
    ё: "e",
    к: "k",
    м: "m",
    н: "h",
    о: "o",
    р: "p",
    с: "c",
    т: "t",
    у: "y",
    х: "x",
    і: "i",
    ї: "i",
    ѕ: "s",
    ј: "j",
    ԁ: "d",
    ѵ: "v",
    α: "a",
    ε: "e",
    ι: "i",
    κ: "k",
    ν: "v",
    ο: "o",
    ρ: "p",
    τ: "t",
    υ: "u",
    χ: "x",
    γ: "y",
  }),
);
const mixedWord = /[a-zа-яёіїѕјԁѵα-ω]{2,40}/gu;
const hasLookAlike = /[а-яёіїѕјԁѵα-ω]/u;

const latinOf = (word: string): string => {
  if (!/[a-z]/u.test(word) || !hasLookAlike.test(word)) return word;
  return [...word].map((letter) => lookAlikes.get(letter) ?? letter).join("");
};

const digits: ReadonlyMap<string, string> = new Map(
  Object.entries({ "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", $: "s" }),
);
/** Words such as `1gn0re`: letters on both ends of what reads as letters. Codes and versions rarely look so. */
const digitWord =
  /(?<![\p{L}\p{N}])(?=[\p{L}013457@$]{5,20}(?![\p{L}\p{N}]))[\p{L}1]{1,20}[013457@$][\p{L}013457@$]{2,20}/gu;

/** `i g n o r e`, five letters or more. */
const apart = /(?<![\p{L}\p{N}])\p{L}(?:[ .*_-]\p{L}){4,60}(?![\p{L}\p{N}])/gu;

export const fold = (text: string): string => {
  let folded = text
    .toWellFormed()
    .replace(invisible, "")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/gu, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[\u2018\u2019\u02bc`´]/gu, "'")
    .replace(/[\t\u00a0\u2000-\u200a\u202f\u205f\u3000]/gu, " ");
  if (hasLookAlike.test(folded) && /[a-z]/u.test(folded)) folded = folded.replace(mixedWord, latinOf);
  if (/\p{L}[013457@$]\p{L}/u.test(folded))
    folded = folded.replace(digitWord, (word) => word.replace(/[013457@$]/gu, (one) => digits.get(one) ?? one));
  return folded.replace(apart, (run) => run.replace(/[ .*_-]/gu, "")).replace(/ {2,}/gu, " ");
};
