/**
 * The fusion of signals: one weighted sum that depends on the document and the question alone, never on which other
 * documents were found (RECALL.md, formula 6), and its calibration to 0..1.
 */
import type { Explanation, Signal } from "./query.ts";
import { tuning } from "./tuning.ts";

/** The raw signals of one document for one question. */
export interface Signals {
  /** ℓ, 0..1. */
  readonly lexical: number;
  /** Best cosine over the text's chunks, 0..1. */
  readonly dense: number;
  /** Number of terms of the text, which says how far its cosine can be believed. */
  readonly ownTerms: number;
  /** 1 when the question names the author. */
  readonly author: number;
  /** Mean ℓ of the best memories of its session. */
  readonly session: number;
  /** 1 when it happened in a time that the question names. */
  readonly time: number;
  /** ℓ of another's short question right before it. */
  readonly reply: number;
  /** 1 when the question asks for a time and the text tells one. */
  readonly timeCue: number;
  /** ℓ for the terms that the first answer taught, and how far they count (feedback.ts). */
  readonly feedback: number;
  readonly feedbackWeight: number;
}

/** The part of a cosine that counts: very short texts otherwise win by being only a name. */
export const denseWeight = (ownTerms: number): number =>
  tuning.dense * Math.sqrt(Math.min(1, ownTerms / tuning.denseFullTerms));

/** What the question itself finds. */
const own = (signals: Signals): number =>
  signals.lexical +
  denseWeight(signals.ownTerms) * signals.dense +
  tuning.author * signals.author +
  tuning.session * signals.session +
  tuning.time * signals.time +
  tuning.reply * signals.reply +
  tuning.timeCue * signals.timeCue;

/** What the first answer taught raises what is relevant already; it makes nothing relevant. */
export const fuse = (signals: Signals): number => own(signals) * (1 + signals.feedbackWeight * signals.feedback);

/**
 * A cosine freed of what texts that have nothing to do with each other have in common: `floor` becomes 0. Models whose
 * vectors fill a narrow cone (Ethayarajh 2019) would else call everything related.
 */
export const raised = (cosine: number, floor: number): number => Math.max(0, (cosine - floor) / (1 - floor));

/** Monotone map of the sum to 0..1 (a Hill curve): `calibrationHalf` maps to one half. */
export const calibrate = (score: number): number => {
  if (score <= 0) return 0;
  const power = (score / tuning.calibrationHalf) ** tuning.calibrationSlope;
  return power / (1 + power);
};

const signal = (raw: number, weight: number): Signal => ({ raw, weight, contribution: raw * weight });

export const explain = (signals: Signals, filters: readonly string[], permission: string): Explanation => {
  const parts = {
    lexical: signal(signals.lexical, 1),
    dense: signal(signals.dense, denseWeight(signals.ownTerms)),
    author: signal(signals.author, tuning.author),
    session: signal(signals.session, tuning.session),
    time: signal(signals.time, tuning.time),
    reply: signal(signals.reply, tuning.reply),
    timeCue: signal(signals.timeCue, tuning.timeCue),
    feedback: signal(signals.feedback, own(signals) * signals.feedbackWeight),
  };
  const score = Object.values(parts).reduce((sum, part) => sum + part.contribution, 0);
  return { ...parts, score, similarity: calibrate(score), filters, permission };
};

/** The least score whose calibration reaches `similarity`. */
export const scoreFor = (similarity: number): number => {
  if (similarity <= 0) return 0;
  if (similarity >= 1) return Number.POSITIVE_INFINITY;
  return tuning.calibrationHalf * (similarity / (1 - similarity)) ** (1 / tuning.calibrationSlope);
};
