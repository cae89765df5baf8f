/**
 * The English stemmer of the Snowball project ("Porter2", Porter 2001, https://snowballstem.org), steps 0 to 5,
 * written from its published description. It turns "painted", "painting" and "paints" into one term. Irregular forms
 * that no suffix rule can reach ("went", "children") are mapped first; see irregular-forms.ts.
 */
import { irregularForms } from "./irregular-forms.ts";

const vowel = /[aeiouy]/;
const doubles = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/;
const exceptions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    skis: "ski",
    skies: "sky",
    dying: "die",
    lying: "lie",
    tying: "tie",
    idly: "idl",
    gently: "gentl",
    ugly: "ugli",
    early: "earli",
    only: "onli",
    singly: "singl",
    sky: "sky",
    news: "news",
    howe: "howe",
    atlas: "atlas",
    cosmos: "cosmos",
    bias: "bias",
    andes: "andes",
  }),
);
const finalAfterStep1a = new Set(["inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"]);

/** R1 starts after the first consonant that follows a vowel; R2 is R1 of R1. */
const regionAfter = (word: string, from: number): number => {
  for (let at = from + 1; at < word.length; at++) {
    if (vowel.test(word.charAt(at - 1)) && !vowel.test(word.charAt(at))) return at + 1;
  }
  return word.length;
};

const firstRegion = (word: string): number => {
  const special = /^(?:gener|commun|arsen)/.exec(word);
  return special ? special[0].length : regionAfter(word, 0);
};

const endsShortSyllable = (word: string): boolean =>
  /[^aeiouy][aeiouy][^aeiouywxY]$/.test(word) || /^[aeiouy][^aeiouy]$/.test(word);

const step2: readonly (readonly [suffix: string, to: string])[] = [
  ["ization", "ize"],
  ["ational", "ate"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["iveness", "ive"],
  ["tional", "tion"],
  ["biliti", "ble"],
  ["lessli", "less"],
  ["entli", "ent"],
  ["ation", "ate"],
  ["alism", "al"],
  ["aliti", "al"],
  ["ousli", "ous"],
  ["iviti", "ive"],
  ["fulli", "ful"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["abli", "able"],
  ["izer", "ize"],
  ["ator", "ate"],
  ["alli", "al"],
  ["bli", "ble"],
];
const step3: readonly (readonly [suffix: string, to: string])[] = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["alize", "al"],
  ["icate", "ic"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
];
const step4 = [
  "ement",
  "ance",
  "ence",
  "able",
  "ible",
  "ment",
  "ant",
  "ent",
  "ism",
  "ate",
  "iti",
  "ous",
  "ive",
  "ize",
  "al",
  "er",
  "ic",
];

const stepOneB = (word: string, r1: number): string => {
  const kept = /(?:eedly|eed)$/.exec(word);
  if (kept) return kept.index >= r1 ? `${word.slice(0, kept.index)}ee` : word;
  const cut = /(?:ingly|edly|ing|ed)$/.exec(word);
  if (!cut || !vowel.test(word.slice(0, cut.index))) return word;
  const rest = word.slice(0, cut.index);
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`;
  if (doubles.test(rest)) return rest.slice(0, -1);
  return r1 >= rest.length && endsShortSyllable(rest) ? `${rest}e` : rest;
};

const replaceLongest = (word: string, rules: typeof step2, region: number): string => {
  for (const [suffix, to] of rules) {
    if (word.endsWith(suffix)) {
      const at = word.length - suffix.length;
      return at >= region ? word.slice(0, at) + to : word;
    }
  }
  return word;
};

const stepTwo = (word: string, r1: number): string => {
  if (/ogi$/.test(word) && word.length - 3 >= r1) return /logi$/.test(word) ? word.slice(0, -1) : word;
  const known = replaceLongest(word, step2, r1);
  if (known !== word || !word.endsWith("li")) return known;
  return word.length - 2 >= r1 && /[cdeghkmnrt]li$/.test(word) ? word.slice(0, -2) : word;
};

const stepFour = (word: string, r2: number): string => {
  if (/[st]ion$/.test(word)) return word.length - 3 >= r2 ? word.slice(0, -3) : word;
  for (const suffix of step4) {
    if (word.endsWith(suffix)) return word.length - suffix.length >= r2 ? word.slice(0, -suffix.length) : word;
  }
  return word;
};

const stepFive = (word: string, r1: number, r2: number): string => {
  const last = word.length - 1;
  if (word.endsWith("e")) {
    return last >= r2 || (last >= r1 && !endsShortSyllable(word.slice(0, -1))) ? word.slice(0, -1) : word;
  }
  return word.endsWith("ll") && last >= r2 ? word.slice(0, -1) : word;
};

/** The stem of one English word in lower-case ASCII letters, apostrophes already gone. */
export const stemEnglish = (given: string): string => {
  const base = irregularForms.get(given) ?? given;
  if (base.length <= 2) return base;
  const exception = exceptions.get(base);
  if (exception !== undefined) return exception;
  // A y that acts as a consonant is written Y until the end.
  let word = base.replace(/^y/, "Y").replace(/([aeiouy])y/g, "$1Y");
  const r1 = firstRegion(word);
  const r2 = regionAfter(word, r1);
  if (/sses$/.test(word)) word = word.slice(0, -2);
  else if (/(?:ied|ies)$/.test(word)) word = word.length > 4 ? word.slice(0, -2) : word.slice(0, -1);
  else if (/[^us]s$/.test(word) && vowel.test(word.slice(0, -2))) word = word.slice(0, -1);
  if (finalAfterStep1a.has(word)) return word;
  word = stepOneB(word, r1);
  if (word.length > 2 && /[^aeiouy][yY]$/.test(word)) word = `${word.slice(0, -1)}i`;
  word = stepTwo(word, r1);
  if (word.endsWith("ative") && word.length - 5 >= r2) word = word.slice(0, -5);
  else word = replaceLongest(word, step3, r1);
  return stepFive(stepFour(word, r2), r1, r2).toLowerCase();
};
