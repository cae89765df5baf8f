import { describe, expect, test } from "vitest";
import { blockBytes, portionBytes, rowWidth, shapeOf, spanRows } from "./block-shape.ts";
import { block, layoutOf, mostPages, pageBytes, seat, set } from "./pool-layout.ts";
import { mostDimensions } from "./quantize.ts";

describe("the layout of the pool", () => {
  test("ENG-1 a row is as wide as its dimensions, rounded up to 16", () => {
    expect([1, 16, 17, 256, 384].map(rowWidth)).toEqual([16, 16, 32, 256, 384]);
  });

  test("ENG-6 rows of any number of dimensions fit a block and the scratch, in whole groups and on whole registers", () => {
    for (let dims = 1; dims <= mostDimensions; dims++) {
      for (const bytes of [blockBytes, portionBytes]) {
        const { width, bits, rows, factorsIn, documentsIn, sketchesIn, rowsIn } = shapeOf(dims, bytes);
        expect(rows).toBeGreaterThanOrEqual(32);
        expect([rows % 32, width % 16, bits % 128, sketchesIn % 16, rowsIn % 16]).toEqual([0, 0, 0, 0, 0]);
        expect([factorsIn, documentsIn, sketchesIn]).toEqual([rows * 4, rows * 8, rows * 12]);
        expect(rowsIn).toBe(sketchesIn + (rows * bits) / 8);
        expect(rowsIn + rows * width).toBeLessThanOrEqual(bytes);
      }
    }
    // The built-in model's blocks are scored in two full calls.
    expect(shapeOf(256, blockBytes).rows).toBe(2 * spanRows);
  });

  test("ENG-6 tables, scratch and blocks follow each other without touching, up to what 32 bits reach", () => {
    for (const counts of [
      { seats: 1, sets: 1, blocks: 0 },
      { seats: 8, sets: 4_096, blocks: 6_898 },
      { seats: 8, sets: 4_096, blocks: 27_000 },
    ]) {
      const { seatAt, setAt, namespaceAt, blockAt, scratchAt, blocksAt, pages } = layoutOf(counts);
      expect(setAt).toBe(seatAt + counts.seats * seat.words);
      expect(namespaceAt).toBeGreaterThanOrEqual(setAt + counts.sets * set.words);
      expect(blockAt).toBeGreaterThan(namespaceAt);
      expect(scratchAt).toBeGreaterThanOrEqual((blockAt + counts.blocks * block.words) * 4);
      expect([scratchAt % pageBytes, blocksAt % pageBytes]).toEqual([0, 0]);
      expect(pages * pageBytes).toBeGreaterThanOrEqual(blocksAt + counts.blocks * blockBytes);
      expect(pages).toBeLessThanOrEqual(mostPages);
    }
  });
});
