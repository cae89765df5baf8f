/** An embedder without a model: each word is a direction, so that texts with common words are near each other. */
import { CairnError } from "@cairn/kernel/error";
import type { Embedder } from "@cairn/memory/embedding/embedder";

const hash = (word: string): number =>
  [...word].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 7);

const embed = (text: string, dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) vector[hash(word) % dimensions]! += 1;
  const norm = Math.hypot(...vector);
  return norm === 0 ? vector : vector.map((value) => value / norm);
};

export interface FakeEmbedder extends Embedder {
  /** The texts of each call of `embedPassages`. */
  readonly passageCalls: readonly (readonly string[])[];
  /** From now on every call fails with embedding.unavailable, or works again. */
  readonly setAvailable: (available: boolean) => void;
}

export const makeFakeEmbedder = (dimensions = 16): FakeEmbedder => {
  const passageCalls: string[][] = [];
  let isAvailable = true;
  const check = (): void => {
    if (!isAvailable) throw new CairnError("embedding.unavailable", "The embedder is switched off.");
  };
  return {
    model: { id: `fake-${dimensions}@1`, dimensions, provider: "testing" },
    embedQuery: async (text) => {
      check();
      return embed(text, dimensions);
    },
    embedPassages: async (passages) => {
      check();
      passageCalls.push(passages.map(({ content }) => content));
      return passages.map(({ content }) => [embed(content, dimensions)]);
    },
    close: async () => undefined,
    passageCalls,
    setAvailable: (available) => {
      isAvailable = available;
    },
  };
};
