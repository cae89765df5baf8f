/**
 * Whether a text reads like an instruction to a model rather than like information (MEM-11). Signals of eleven kinds are
 * looked for, each with a weight; those that stand within some 600 characters of each other add up, and from 1 on the
 * text is held back. A cooking recipe is full of orders and none of them concerns a model: an order alone is worth
 * little, an order to forget one's instructions, to hide something from the user or to impersonate the system is
 * enough. What is wrongly held back is released by one call; what is wrongly let through costs more, so doubtful cases
 * of the second kind are weighed first. Figures on labelled examples are in `instruction.test.ts`.
 *
 * Deterministic, without state, linear in the text: every pattern has bounded repeats only.
 */
import { englishSignals } from "./english-signals.ts";
import { englishTogether } from "./english-together.ts";
import { fold } from "./fold.ts";
import { decodeBlobs, findHidden } from "./hidden.ts";
import { otherSignals, otherTogether } from "./other-signals.ts";
import { findSignal, findTogether, type Kind, type Place, sentenceEnds, type Sum, sumUp } from "./signal.ts";

/** From here on a text counts as an instruction. */
export const instructionThreshold = 1;
/** What a decoded blob must weigh: nobody encodes a recipe. */
const encodedThreshold = 0.6;

const signals = [...englishSignals, ...otherSignals];
const togethers = [...englishTogether, ...otherTogether];

const placesIn = (folded: string): readonly Place[] => {
  const ends = sentenceEnds(folded);
  return [
    ...signals.flatMap((signal) => findSignal(signal, folded)),
    ...togethers.flatMap((together) => findTogether(together, folded, ends)),
  ];
};

/** The score of a text and the kind of its heaviest signal. */
export const weighInstruction = (text: string): Sum => {
  const folded = fold(text);
  const scale = text.length === 0 ? 1 : folded.length / text.length;
  const places = [...placesIn(folded)];
  const hidden = findHidden(text);
  places.push(...hidden.places.map((place) => ({ ...place, at: place.at * scale })));
  for (const { at, text: decoded } of decodeBlobs(text)) {
    const { score } = sumUp(placesIn(fold(decoded)));
    if (score >= encodedThreshold) places.push({ kind: "encoded", weight: 1, at: at * scale });
  }
  return sumUp(places);
};

/** Why a text is to be held back, or null. */
export const instructionIn = (text: string): Kind | null => {
  const { score, kind } = weighInstruction(text);
  // Weights are tenths, and tenths do not add up exactly.
  return score >= instructionThreshold - 1e-9 ? kind : null;
};
