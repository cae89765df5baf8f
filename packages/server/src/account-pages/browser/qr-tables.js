/** Tables of QR codes (ISO/IEC 18004:2015), versions 1 to 10, levels of error correction M and L. */

/** @typedef {"M" | "L"} Level */
/** @typedef {{ readonly correction: number; readonly lengths: readonly number[] }} Blocks */

/**
 * @param {number} correction codewords of error correction a block
 * @param {readonly number[]} groups how many blocks, how many data codewords each; again for a second group
 * @returns {Blocks}
 */
const blocks = (correction, ...groups) => {
  /** @type {number[]} */
  const lengths = [];
  for (let at = 0; at < groups.length; at += 2) {
    for (let count = 0; count < (groups[at] ?? 0); count += 1) lengths.push(groups[at + 1] ?? 0);
  }
  return { correction, lengths };
};

/** Table 9; the first is version 1. @type {Readonly<Record<Level, readonly Blocks[]>>} */
export const blocksOf = {
  M: [
    blocks(10, 1, 16),
    blocks(16, 1, 28),
    blocks(26, 1, 44),
    blocks(18, 2, 32),
    blocks(24, 2, 43),
    blocks(16, 4, 27),
    blocks(18, 4, 31),
    blocks(22, 2, 38, 2, 39),
    blocks(22, 3, 36, 2, 37),
    blocks(26, 4, 43, 1, 44),
  ],
  L: [
    blocks(7, 1, 19),
    blocks(10, 1, 34),
    blocks(15, 1, 55),
    blocks(20, 1, 80),
    blocks(26, 1, 108),
    blocks(18, 2, 68),
    blocks(20, 2, 78),
    blocks(24, 2, 97),
    blocks(30, 2, 116),
    blocks(18, 2, 68, 2, 69),
  ],
};

/** Centres of alignment patterns, both ways (annex E); the first is version 1. @type {readonly (readonly number[])[]} */
export const alignments = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
];

/** Table 12. @type {Readonly<Record<Level, number>>} */
export const levelBits = { M: 0, L: 1 };

/** Table 10: whether a mask turns the module there. @type {readonly ((row: number, column: number) => boolean)[]} */
export const masks = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_row, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];
