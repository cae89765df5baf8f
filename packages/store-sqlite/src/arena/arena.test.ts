import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockRows, makeArena, rowWidth } from "./arena.ts";

const mebibyte = 2 ** 20;
/** A row, its scale, its document's number, its sketch and the sketch's factor. */
const blockBytes = (width: number): number => blockRows * (width + 4 + 4 + (Math.ceil(width / 128) * 128) / 8 + 4);

describe("the arena", () => {
  test("ENG-1 a row is as wide as its dimensions, rounded up to 16", () => {
    expect([1, 16, 17, 256, 384].map(rowWidth)).toEqual([16, 16, 32, 256, 384]);
  });

  test("ENG-1 an arena that nobody uses reserves one page; the first block grows it", () => {
    const arena = makeArena();
    expect(arena.bytes()).toEqual({ used: 0, reserved: 65_536, maximum: 2 ** 32 });
    arena.allocate(256);
    expect(arena.bytes()).toEqual({ used: blockBytes(256), reserved: 65_536 + 4 * mebibyte, maximum: 2 ** 32 });
  });

  test("ENG-1 blocks of all sizes stay apart, inside the memory, and are counted, in any order of use", () => {
    // Mostly the largest blocks: three fill a region, so that regions fill, open and empty in the middle of the others.
    const widths = [16, 256, 2048, 4096, 4096, 4096];
    const step = fc.record({ width: fc.constantFrom(...widths), release: fc.boolean(), pick: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 300 }), (steps) => {
        const arena = makeArena();
        const held: { readonly block: number; readonly size: number }[] = [];
        for (const { width, release, pick } of steps) {
          if (release && held.length > 0) {
            const [gone] = held.splice(pick % held.length, 1);
            arena.release(gone!.block);
          } else held.push({ block: arena.allocate(width), size: blockBytes(width) });
        }
        const sorted = held.toSorted((a, b) => a.block - b.block);
        const { used, reserved } = arena.bytes();
        let end = 65_536;
        for (const { block, size } of sorted) {
          expect(block).toBeGreaterThanOrEqual(end);
          expect(block % 16).toBe(0);
          end = block + size;
        }
        expect(end).toBeLessThanOrEqual(reserved);
        expect(used).toBe(held.reduce((sum, { size }) => sum + size, 0));
      }),
      { numRuns: 40 },
    );
  });

  test("ENG-1 the maximum is kept: limit.exceeded, and a released block can be had again", () => {
    const arena = makeArena({ maximumBytes: 5 * mebibyte });
    const blocks: number[] = [];
    const fill = (): void => {
      for (;;) blocks.push(arena.allocate(256));
    };
    expect(fill).toThrow(expect.objectContaining({ code: "limit.exceeded" }));
    expect(blocks).toHaveLength(Math.floor((4 * mebibyte) / blockBytes(256)));
    expect(arena.bytes().reserved).toBeLessThanOrEqual(5 * mebibyte);
    arena.release(blocks[7]!);
    expect(arena.allocate(256)).toBe(blocks[7]);
    expect(() => arena.allocate(256)).toThrow(expect.objectContaining({ code: "limit.exceeded" }));
  });

  test("ENG-1 memory of released blocks serves other numbers of dimensions", () => {
    const arena = makeArena({ maximumBytes: 9 * mebibyte });
    for (const width of [256, 384, 1024, 256, 4096, 16]) {
      const room = 2 * Math.floor((4 * mebibyte) / blockBytes(width));
      const blocks = Array.from({ length: room }, () => arena.allocate(width));
      for (const block of blocks) arena.release(block);
      expect(arena.bytes().used).toBe(0);
    }
  });

  test("ENG-1 an arena too small for one region refuses every block", () => {
    expect(() => makeArena({ maximumBytes: 1000 }).allocate(16)).toThrow(
      expect.objectContaining({ code: "limit.exceeded" }),
    );
  });
});
