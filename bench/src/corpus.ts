/** An endless corpus for speed: sentences of made-up words whose frequencies follow Zipf's law, the same on every run. */
import { seeded } from "./random.ts";

const onsets = ["b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pl"];
const nuclei = ["a", "e", "i", "o", "u", "ai", "ou", "ea"];

const vocabulary = (size: number): readonly string[] => {
  const next = seeded(7);
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)] ?? "";
  const words = new Set<string>();
  while (words.size < size) {
    let word = "";
    for (let syllable = 0; syllable < 2 + next() * 2; syllable++) word += pick(onsets) + pick(nuclei);
    words.add(word + pick(onsets));
  }
  return [...words];
};

export interface Corpus {
  /** The text of memory `index`: 10 to 24 words. */
  readonly text: (index: number) => string;
  /** A question of four words that occur in memory `index`. */
  readonly question: (index: number) => string;
}

export const makeCorpus = (size = 20_000): Corpus => {
  const words = vocabulary(size);
  // Inverse transform of a continuous 1/rank density.
  const word = (next: () => number): string => words[Math.min(size - 1, Math.floor(size ** next()) - 1)] ?? "";
  const list = (index: number): readonly string[] => {
    const next = seeded(index + 1);
    return Array.from({ length: 10 + Math.floor(next() * 15) }, () => word(next));
  };
  return {
    text: (index) => `${list(index).join(" ")}.`,
    question: (index) => {
      const all = list(index);
      return `what about ${[1, 3, 5, 8].map((at) => all[at]).join(" ")}`;
    },
  };
};
