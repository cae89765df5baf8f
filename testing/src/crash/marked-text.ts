/** Texts that hold one word of their own and have one meaning of their own, so that each can be asked for alone. */
import { dimensions } from "../engine/world.ts";

/** A unit vector that depends on the word alone and is far from that of any other word (a small xorshift generator). */
export const meaningOf = (word: string): Float32Array => {
  let state =
    [...word].reduce((sum, letter) => (Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0)) >>> 0, 2_166_136_261) || 1;
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    vector[at] = (state >>> 0) / 2 ** 31 - 1;
  }
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
};

export const textOf = (word: string): string =>
  `${word} was written down by one of several writers while the power could fail at any moment of the long night`;
