import fc from "fast-check";
import { expect, test } from "vitest";
import { multiply } from "./browser/qr-codewords.js";
import { qrCode } from "./browser/qr.js";
import { alignments, blocksOf, masks } from "./browser/qr-tables.js";

type Modules = readonly (readonly boolean[])[];

const isDark = (code: Modules, row: number, column: number): boolean => code[row]?.[column] === true;

/** Level and mask as a reader finds them beside the upper left finder: the bits of §7.9, the highest first. */
const formatOf = (code: Modules): { readonly level: "M" | "L"; readonly mask: number; readonly other: number } => {
  const size = code.length;
  const near: readonly (readonly [number, number])[] = [
    ...[0, 1, 2, 3, 4, 5, 7].map((column) => [8, column] as const),
    ...[8, 7, 5, 4, 3, 2, 1, 0].map((row) => [row, 8] as const),
  ];
  const far: readonly (readonly [number, number])[] = [
    ...[1, 2, 3, 4, 5, 6, 7].map((back) => [size - back, 8] as const),
    ...[8, 7, 6, 5, 4, 3, 2, 1].map((back) => [8, size - back] as const),
  ];
  const read = (places: readonly (readonly [number, number])[]): number =>
    places.reduce((bits, [row, column]) => bits * 2 + Number(isDark(code, row, column)), 0) ^ 0x5412;
  const bits = read(near);
  return { level: bits >> 13 === 1 ? "L" : "M", mask: (bits >> 10) & 7, other: read(far) ^ bits };
};

/** Whether a pattern that every code of the version has lies there. */
const isFixed = (version: number, row: number, column: number): boolean => {
  const size = version * 4 + 17;
  if ((row <= 8 && (column <= 8 || column >= size - 8)) || (row >= size - 8 && column <= 8)) return true;
  if (row === 6 || column === 6) return true;
  if (version >= 7 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11))) return true;
  const near = (alignments[version - 1] ?? []).flatMap((y) =>
    (alignments[version - 1] ?? []).map((x) => [y, x] as const),
  );
  return near.some(([y, x]) => {
    const beside = (y < 9 && (x < 9 || x > size - 10)) || (y > size - 10 && x < 9);
    return !beside && Math.abs(row - y) <= 2 && Math.abs(column - x) <= 2;
  });
};

/** A reader, written without looking at the writer: unmasks, walks, puts blocks together, checks them, reads bytes. */
const read = (code: Modules): string => {
  const size = code.length;
  const version = (size - 17) / 4;
  const { level, mask, other } = formatOf(code);
  expect(other).toBe(0);
  const bits: number[] = [];
  let column = size - 1;
  for (let pair = 0; column > 0; pair += 1) {
    for (let step = 0; step < size; step += 1) {
      const row = pair % 2 === 0 ? size - 1 - step : step;
      for (const at of [column, column - 1]) {
        if (!isFixed(version, row, at)) bits.push(Number(isDark(code, row, at) !== masks[mask]?.(row, at)));
      }
    }
    column -= column === 8 ? 3 : 2;
  }
  const words = Array.from({ length: bits.length >> 3 }, (_, at) =>
    Number.parseInt(bits.slice(at * 8, at * 8 + 8).join(""), 2),
  );
  const { correction, lengths } = blocksOf[level][version - 1] ?? { correction: 0, lengths: [] };
  const blocks: number[][] = lengths.map(() => []);
  let at = 0;
  for (let index = 0; index < Math.max(...lengths); index += 1) {
    lengths.forEach((length, block) => {
      if (index < length) blocks[block]?.push(words[at++] ?? 0);
    });
  }
  const data = blocks.flat();
  for (let index = 0; index < correction; index += 1) for (const block of blocks) block.push(words[at++] ?? 0);
  // A block without errors is zero at the first powers of 2.
  for (const block of blocks) {
    for (let power = 0, root = 1; power < correction; power += 1, root = multiply(root, 2)) {
      expect(block.reduce((sum, word) => multiply(sum, root) ^ word, 0)).toBe(0);
    }
  }
  const all = data.map((word) => word.toString(2).padStart(8, "0")).join("");
  expect(all.slice(0, 4)).toBe("0100");
  const counted = version < 10 ? 8 : 16;
  const count = Number.parseInt(all.slice(4, 4 + counted), 2);
  const from = 4 + counted;
  const bytes = Uint8Array.from({ length: count }, (_, index) =>
    Number.parseInt(all.slice(from + index * 8, from + index * 8 + 8), 2),
  );
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
};

/** "memory.example" as another encoder writes it: version 1, level M, mask 2. */
const known = [
  "111111100100001111111",
  "100000100111101000001",
  "101110101000001011101",
  "101110101111001011101",
  "101110101000101011101",
  "100000101010101000001",
  "111111101010101111111",
  "000000001001100000000",
  "101111100001101111100",
  "101000000100010111101",
  "000110100101110001110",
  "111100011100110111110",
  "010101101001011010011",
  "000000001110001111001",
  "111111100001100101110",
  "100000101000110001101",
  "101110101100101110011",
  "101110101001000011000",
  "101110101001110001000",
  "100000100011110111100",
  "111111101111001101010",
];

test("TEN-1 a QR code is the one that other encoders make", () => {
  const rows = qrCode("memory.example")?.map((row) => row.map(Number).join(""));
  expect(rows).toEqual(known);
});

test("TEN-1 what a QR code says is read back, whatever the text and its length", () => {
  const text = fc.string({ unit: "binary", maxLength: 90 }).filter((given) => Buffer.byteLength(given) <= 271);
  const address = fc
    .integer({ min: 0, max: 271 })
    .map((length) => "otpauth://totp/Cairn?secret=".repeat(10).slice(0, length));
  fc.assert(
    fc.property(fc.oneof(text, address), (given) => {
      const code = qrCode(given);
      expect(code === null ? null : read(code)).toBe(given);
    }),
    { numRuns: 60 },
  );
});

test("TEN-1 the smallest version is taken, and better correction where there is room for it", () => {
  const shape = (length: number): unknown => {
    const code = qrCode("x".repeat(length));
    return code === null ? null : [(code.length - 17) / 4, formatOf(code).level];
  };
  expect([14, 15, 213, 214, 230, 231, 271, 272].map(shape)).toEqual([
    [1, "M"],
    [2, "M"],
    [10, "M"],
    [9, "L"],
    [9, "L"],
    [10, "L"],
    [10, "L"],
    null,
  ]);
});
