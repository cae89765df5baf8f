/**
 * The codewords of a QR code: text as bytes, padding, Reed-Solomon error correction over GF(256) with the polynomial
 * x⁸+x⁴+x³+x²+1, interleaved (ISO/IEC 18004:2015 §7.4 to §7.6).
 */
import { blocksOf } from "./qr-tables.js";

/** @typedef {import("./qr-tables.js").Level} Level */
/** @typedef {import("./qr-tables.js").Blocks} Blocks */

/** @type {number[]} */
const exponents = [];
/** @type {number[]} */
const logarithms = [];
for (let power = 0, value = 1; power < 255; power += 1) {
  exponents[power] = value;
  logarithms[value] = power;
  value = value < 128 ? value * 2 : (value * 2) ^ 0x11d;
}

/**
 * Product in GF(256).
 * @param {number} left
 * @param {number} right
 */
export const multiply = (left, right) =>
  left === 0 || right === 0 ? 0 : (exponents[((logarithms[left] ?? 0) + (logarithms[right] ?? 0)) % 255] ?? 0);

/** The generator of `degree`, highest power first, without its leading 1. @param {number} degree */
const generator = (degree) => {
  let factors = [1];
  for (let root = 0; root < degree; root += 1) {
    const next = [...factors, 0];
    factors.forEach((factor, at) => (next[at + 1] = (next[at + 1] ?? 0) ^ multiply(factor, exponents[root] ?? 0)));
    factors = next;
  }
  return factors.slice(1);
};

/**
 * What corrects errors of a block.
 * @param {readonly number[]} data
 * @param {number} count
 */
const correctionOf = (data, count) => {
  const divisor = generator(count);
  /** @type {number[]} */
  let rest = Array.from({ length: count }, () => 0);
  for (const word of data) {
    const factor = word ^ (rest[0] ?? 0);
    rest = [...rest.slice(1), 0].map((value, at) => value ^ multiply(divisor[at] ?? 0, factor));
  }
  return rest;
};

/** @param {Blocks} blocks */
const capacity = ({ lengths }) => lengths.reduce((sum, length) => sum + length, 0);

/** Bits that say how many bytes there are. @param {number} version */
const countBits = (version) => (version < 10 ? 8 : 16);

/**
 * The smallest version with room for so many bytes, better corrected first; null: there is none up to version 10.
 * @param {number} length
 * @returns {{ readonly version: number; readonly level: Level } | null}
 */
export const fit = (length) => {
  for (const level of /** @type {const} */ (["M", "L"])) {
    const index = blocksOf[level].findIndex((blocks, at) => 4 + countBits(at + 1) + length * 8 <= capacity(blocks) * 8);
    if (index >= 0) return { version: index + 1, level };
  }
  return null;
};

/**
 * The data codewords: mode, count, bytes, terminator, padding.
 * @param {Uint8Array} bytes
 * @param {number} version
 * @param {number} room codewords
 */
const dataOf = (bytes, version, room) => {
  /** @type {number[]} */
  const bits = [];
  /** @param {number} value @param {number} length */
  const push = (value, length) => {
    for (let at = length - 1; at >= 0; at -= 1) bits.push((value >> at) & 1);
  };
  push(0b0100, 4);
  push(bytes.length, countBits(version));
  for (const byte of bytes) push(byte, 8);
  push(0, Math.min(4, room * 8 - bits.length));
  push(0, (8 - (bits.length % 8)) % 8);
  /** @type {number[]} */
  const words = [];
  for (let at = 0; at < bits.length; at += 8) words.push(Number.parseInt(bits.slice(at, at + 8).join(""), 2));
  for (let pad = 0xec; words.length < room; pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
};

/**
 * All codewords in the order in which they are placed.
 * @param {Uint8Array} bytes that fit
 * @param {number} version
 * @param {Level} level
 * @returns {readonly number[]}
 */
export const codewords = (bytes, version, level) => {
  const blocks = blocksOf[level][version - 1];
  if (blocks === undefined) throw new RangeError("There is no such version.");
  const words = dataOf(bytes, version, capacity(blocks));
  let taken = 0;
  const parts = blocks.lengths.map((length) => words.slice(taken, (taken += length)));
  const corrections = parts.map((part) => correctionOf(part, blocks.correction));
  /** @param {readonly (readonly number[])[]} lists */
  const interleaved = (lists) => {
    const longest = Math.max(...lists.map((list) => list.length));
    return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
  };
  return [...interleaved(parts), ...interleaved(corrections)];
};
