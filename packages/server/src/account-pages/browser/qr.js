/**
 * A text as a QR code (ISO/IEC 18004:2015): byte mode, versions 1 to 10, enough for the address of an authenticator
 * app. Knows nothing of pages; `qr-picture.js` draws it.
 */
import { codewords, fit } from "./qr-codewords.js";
import { alignments, levelBits, masks } from "./qr-tables.js";

/** @typedef {boolean[][]} Modules rows of modules, true is dark */

/**
 * A remainder of BCH codes: `value` with `bits` check bits behind it.
 * @param {number} value
 * @param {number} bits
 * @param {number} divisor
 */
const withCheck = (value, bits, divisor) => {
  let rest = value << bits;
  for (let at = 31; at >= bits; at -= 1) if ((rest >> at) & 1) rest ^= divisor << (at - bits);
  return (value << bits) | rest;
};

/** Level and mask with their check bits (§7.9). @param {number} level @param {number} mask */
const formatBits = (level, mask) => withCheck((level << 3) | mask, 10, 0b10100110111) ^ 0b101010000010010;

/** @param {number} version */
const versionBits = (version) => withCheck(version, 12, 0b1111100100101);

/**
 * The patterns that every code of a version has, and which modules they take.
 * @param {number} version
 */
const frame = (version) => {
  const size = version * 4 + 17;
  /** @type {Modules} */
  const dark = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  /** @type {Modules} */
  const taken = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  /** @param {number} row @param {number} column @param {boolean} value */
  const set = (row, column, value) => {
    const [darks, takens] = [dark[row], taken[row]];
    if (darks === undefined || takens === undefined || column < 0 || column >= size) return;
    darks[column] = value;
    takens[column] = true;
  };
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [top, left] of /** @type {const} */ ([
    [0, 0],
    [0, size - 7],
    [size - 7, 0],
  ])) {
    for (let row = -1; row <= 7; row += 1) {
      for (let column = -1; column <= 7; column += 1) {
        const ring = Math.max(Math.abs(row - 3), Math.abs(column - 3));
        set(top + row, left + column, ring !== 2 && ring !== 4);
      }
    }
  }
  const centres = alignments[version - 1] ?? [];
  const last = centres.at(-1) ?? 0;
  for (const row of centres) {
    for (const column of centres) {
      const corner = (row === 6 && (column === 6 || column === last)) || (row === last && column === 6);
      if (corner) continue;
      for (let down = -2; down <= 2; down += 1) {
        for (let right = -2; right <= 2; right += 1) {
          set(row + down, column + right, Math.max(Math.abs(down), Math.abs(right)) !== 1);
        }
      }
    }
  }
  return { size, dark, taken, set };
};

/**
 * Where the bits of the format are, twice each, the least first (figure 25).
 * @param {number} size
 * @returns {readonly (readonly [row: number, column: number])[][]}
 */
const formatPlaces = (size) =>
  Array.from({ length: 15 }, (_, at) => [
    at < 6 ? [at, 8] : at === 6 ? [7, 8] : at === 7 ? [8, 8] : at === 8 ? [8, 7] : [8, 14 - at],
    at < 8 ? [8, size - 1 - at] : [size - 15 + at, 8],
  ]);

/** The modules of the data in the order in which bits are placed (§7.7.3). @param {Modules} taken */
const dataPlaces = (taken) => {
  const size = taken.length;
  /** @type {[number, number][]} */
  const places = [];
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const row = upwards ? size - 1 - step : step;
      for (const column of [right, right - 1]) if (taken[row]?.[column] === false) places.push([row, column]);
    }
    upwards = !upwards;
  }
  return places;
};

/** How hard a line is to read: runs of one colour, and what looks like a finder (table 11, rules 1 and 3). @param {readonly boolean[]} line */
const linePenalty = (line) => {
  let penalty = 0;
  for (let start = 0, end = 0; start < line.length; start = end) {
    while (end < line.length && line[end] === line[start]) end += 1;
    if (end - start >= 5) penalty += end - start - 2;
  }
  const text = line.map((dark) => (dark ? "1" : "0")).join("");
  for (const like of ["10111010000", "00001011101"]) {
    for (let at = text.indexOf(like); at >= 0; at = text.indexOf(like, at + 1)) penalty += 40;
  }
  return penalty;
};

/** How hard a code is to read (table 11); the mask with the least is used. @param {Modules} dark */
const penaltyOf = (dark) => {
  const size = dark.length;
  let penalty = 0;
  let darks = 0;
  for (let row = 0; row < size; row += 1) {
    const line = dark[row] ?? [];
    penalty += linePenalty(line) + linePenalty(dark.map((other) => other[row] === true));
    for (let column = 0; column < size; column += 1) {
      const one = line[column];
      if (one === true) darks += 1;
      const alike =
        row > 0 &&
        column > 0 &&
        [dark[row - 1]?.[column], dark[row - 1]?.[column - 1], line[column - 1]].every((other) => other === one);
      if (alike) penalty += 3;
    }
  }
  return penalty + Math.floor(Math.abs((darks * 20) / (size * size) - 10)) * 10;
};

/**
 * The modules of the code, row by row, true is dark; four light ones belong around it. Null where the text is too long:
 * more than 271 bytes in UTF-8.
 * @param {string} text
 * @returns {Modules | null}
 */
export const qrCode = (text) => {
  const bytes = new TextEncoder().encode(text);
  const fitting = fit(bytes.length);
  if (fitting === null) return null;
  const { version, level } = fitting;
  const { size, dark, taken, set } = frame(version);
  const places = formatPlaces(size);
  for (const [row, column] of places.flat()) set(row, column, false);
  set(size - 8, 8, true);
  if (version >= 7) {
    const bits = versionBits(version);
    for (let at = 0; at < 18; at += 1) {
      const [near, far] = [Math.floor(at / 3), size - 11 + (at % 3)];
      set(near, far, ((bits >> at) & 1) === 1);
      set(far, near, ((bits >> at) & 1) === 1);
    }
  }
  const words = codewords(bytes, version, level);
  const data = dataPlaces(taken);
  const masked = masks.map((turns, mask) => {
    const modules = dark.map((row) => [...row]);
    data.forEach(([row, column], at) => {
      const bit = (((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1;
      const line = modules[row];
      if (line !== undefined) line[column] = bit !== turns(row, column);
    });
    const format = formatBits(levelBits[level], mask);
    places.forEach((both, at) => {
      for (const [row, column] of both) {
        const line = modules[row];
        if (line !== undefined) line[column] = ((format >> at) & 1) === 1;
      }
    });
    return { modules, penalty: penaltyOf(modules) };
  });
  return masked.reduce((best, one) => (one.penalty < best.penalty ? one : best)).modules;
};
