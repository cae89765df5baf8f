/**
 * A second look at the best few of a recall, by rules and without a model (REC-4): what the fusion cannot see because
 * it knows bags of words. A turn that answers a question like the asked one rises with that question; so does a text
 * that holds the kind of thing that is asked for (a time, a number, a length of time, a place), that has the question's
 * words close together, or that holds a phrase in quotation marks to the letter. Nothing ever falls: rules that punish
 * (a text that is itself a question, a long one, one that lacks a rare word or a name) helped some sets and hurt others.
 *
 * Pure, and of the candidates alone, so that engines and machines order alike. Cues are read in English; the rest works
 * in any language that the analyzer knows.
 */
import { analyze } from "../text/analyzer.ts";
import type { Signal } from "./query.ts";

/**
 * Chosen on LoCoMo conversations 1–5 and on the project's own set, with the other half in sight, among .01 to .2; the
 * measurement is in docs/recall.md. The optimum is flat: any one at half or double moves LoCoMo by less than .3 points.
 */
export const rerankWeights = {
  /** Times the score of the question that it answers, where that question is among the candidates. */
  reply: 0.15,
  /** Times the share of the asked words that the answered question holds. */
  replyWords: 0.05,
  cue: 0.03,
  near: 0.03,
  phrase: 0.1,
} as const;

/** A turn that tells more than this many terms beside its question is no mere question; its reply need not answer it. */
const mostTold = 10;
/** Cues in longer texts say less: nearly every page holds a number. */
const cueTerms = 30;
/** What is read of a text, and of all together: several passages of 60 terms, and ten milliseconds at the most. */
const readCharacters = 2_000;
const readTogether = 60_000;
const mostQuestionTerms = 64;
const mostPhrases = 4;

export interface RerankTurn {
  readonly id: string;
  readonly content: string;
  readonly author: string | null;
}

export interface RerankCandidate extends RerankTurn {
  /** The first stage's score, before its calibration. */
  readonly score: number;
  /** The turn just before it in its session. */
  readonly before: RerankTurn | null;
}

export type RerankSignals = { readonly [Name in "first" | keyof typeof rerankWeights]: Signal };

const times =
  /\b(?:yesterday|today|tonight|tomorrow|last|next|ago|since|recently|this (?:week|month|year|morning|weekend)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december|weekend|week|month|year|(?:19|20)\d\d)\b/iu;
const numbers =
  /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|couple|twice|once|few|several|hundred|thousand)\b/iu;
const lengths =
  /\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|few|several|couple) (?:of )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?)\b|\bsince\b/iu;
/** A capitalised word that does not begin a sentence. */
const names = /(?<![.!?]\s+)(?<!^)(?<![\p{L}\p{N}])(?!I(?:['’]\p{L}+)?\b)\p{Lu}[\p{L}\p{N}]/u;

/** What a question asks for, and how a text shows that it holds such a thing; the first that fits. */
const cues: readonly (readonly [asks: RegExp, shows: RegExp])[] = [
  [/\bhow long\b/iu, lengths],
  [/^\s*when\b|\bwhen did\b|^\s*(?:what|which) (?:date|day|week|month|year|time)\b/iu, times],
  [/\bhow (?:many|much|often|old)\b/iu, numbers],
  [/^\s*where\b|\b(?:what|which) (?:city|country|place|state|town)\b/iu, names],
];

const asksAtEnd = /[?？؟]["'”’»)\s]*$/u;
const asks = /[?？؟]/u;
const sentences = /[^.!?？。！؟]+[.!?？。！؟]*/gu;
/** What is in brackets at the end is about the turn (a picture, a gesture), not said in it. */
const aside = /\s*\([^()]*\)\s*$/u;

/** The terms of a turn that is a question and tells little else; null for any other. */
const questionTerms = (content: string): ReadonlySet<string> | null => {
  const said = content.replace(aside, "");
  if (!asksAtEnd.test(said)) return null;
  const parts = said.match(sentences) ?? [];
  const told = parts.filter((part) => !asks.test(part)).flatMap((part) => analyze(part));
  if (told.length > mostTold) return null;
  return new Set(parts.filter((part) => asks.test(part)).flatMap((part) => analyze(part)));
};

/** Length of the shortest run of `terms` that holds all of `wanted`. */
const shortestRun = (terms: readonly string[], wanted: ReadonlySet<string>): number => {
  const counts = new Map<string, number>();
  let shortest = Number.POSITIVE_INFINITY;
  let from = 0;
  for (const [to, term] of terms.entries()) {
    if (wanted.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
    while (counts.size === wanted.size) {
      shortest = Math.min(shortest, to - from + 1);
      const first = terms[from++]!;
      const left = (counts.get(first) ?? 0) - 1;
      if (left > 0) counts.set(first, left);
      else if (left === 0) counts.delete(first);
    }
  }
  return shortest;
};

/** Two or more of the question's terms: how much of it there is, times how densely it stands together; 0..1. */
const nearness = (asked: readonly string[], terms: readonly string[]): number => {
  const own = new Set(terms);
  const matched = new Set(asked.filter((term) => own.has(term)));
  if (matched.size < 2) return 0;
  return (matched.size / shortestRun(terms, matched)) * (matched.size / asked.length);
};

const quoted = /["“„«]([^"“”„«»]{2,200})["“”»]/gu;
const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/gu, " ").trim();

const phrasesOf = (question: string): readonly string[] =>
  [...question.matchAll(quoted)].slice(0, mostPhrases).map(([, phrase = ""]) => plain(phrase));

/**
 * How the asked words weigh among these candidates (BM25's idf, with the candidates as the collection): what all of
 * them hold tells none of them apart, and what none holds does not count.
 */
const shareOf = (asked: readonly string[], texts: readonly ReadonlySet<string>[]) => {
  const weights = new Map<string, number>();
  for (const term of asked) {
    const holders = texts.filter((text) => text.has(term)).length;
    if (holders > 0) weights.set(term, Math.log(1 + (texts.length - holders + 0.5) / (holders + 0.5)));
  }
  const whole = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return (held: ReadonlySet<string>): number =>
    whole === 0
      ? 0
      : Math.min(1, [...weights].reduce((sum, [term, weight]) => sum + (held.has(term) ? weight : 0), 0) / whole);
};

const signal = (raw: number, weight: number): Signal => ({ raw, weight, contribution: raw * weight });

/** The new score of a candidate: the sum of its signals. */
export const sumOf = (signals: RerankSignals): number =>
  Object.values(signals).reduce((sum, { contribution }) => sum + contribution, 0);

/** For each candidate, in the order given, what makes up its new score (`sumOf`), never less than its old one. */
export const heuristicRerank = (question: string, candidates: readonly RerankCandidate[]): readonly RerankSignals[] => {
  const asked = [...new Set(analyze(question))].slice(0, mostQuestionTerms);
  const reach = Math.min(readCharacters, Math.ceil(readTogether / Math.max(1, candidates.length)));
  const texts = candidates.map(({ content }) => content.slice(0, reach));
  const terms = texts.map(analyze);
  const share = shareOf(
    asked,
    terms.map((list) => new Set(list)),
  );
  const scores = new Map(candidates.map(({ id, score }) => [id, score]));
  const phrases = phrasesOf(question);
  const cue = cues.find(([kind]) => kind.test(question))?.[1] ?? null;
  return candidates.map(({ author, score, before }, at) => {
    const own = terms[at]!;
    const read = texts[at]!;
    const answered = before === null || before.author === author ? null : questionTerms(before.content.slice(0, reach));
    const told = cue?.test(read) === true ? Math.min(1, cueTerms / Math.max(1, own.length)) : 0;
    const text = phrases.length === 0 ? "" : plain(read);
    const held = phrases.filter((phrase) => text.includes(phrase)).length;
    return {
      first: signal(score, 1),
      reply: signal(answered === null ? 0 : (scores.get(before?.id ?? "") ?? 0), rerankWeights.reply),
      replyWords: signal(answered === null ? 0 : share(answered), rerankWeights.replyWords),
      cue: signal(told, rerankWeights.cue),
      near: signal(nearness(asked, own), rerankWeights.near),
      phrase: signal(phrases.length === 0 ? 0 : held / phrases.length, rerankWeights.phrase),
    };
  });
};
