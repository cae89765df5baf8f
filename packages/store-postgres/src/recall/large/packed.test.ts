import fc from "fast-check";
import { expect, test } from "vitest";
import { blockOf, eachPosting, postingsIn, pushPosting, withoutDocuments } from "./packed.ts";

const postings = fc.array(
  fc.record({ place: fc.nat(4095), impact: fc.double({ min: 0, max: 1, noNaN: true }), gone: fc.boolean() }),
);

test("ENG-3 packed postings come back as they were, within a level of impact, without those that left", () => {
  fc.assert(
    fc.property(fc.nat(500_000), postings, (block, list) => {
      const bytes: number[] = [];
      const docOf = (place: number): number => block * 4096 + place;
      for (const { place, impact } of list) pushPosting(bytes, docOf(place), impact);
      const gone = new Set(list.filter((one) => one.gone).map(({ place }) => docOf(place)));
      const packed = Uint8Array.from(bytes);
      expect(postingsIn(packed)).toBe(list.length);
      const read: { doc: number; impact: number }[] = [];
      eachPosting(block, packed, (doc, impact) => void read.push({ doc, impact }));
      expect(read.map(({ doc }) => doc)).toEqual(list.map(({ place }) => docOf(place)));
      for (const [at, { doc, impact }] of read.entries()) {
        expect(blockOf(doc)).toBe(block);
        expect(Math.abs(impact - list[at]!.impact)).toBeLessThanOrEqual(1 / 255);
        expect(impact).toBeGreaterThan(0);
      }
      const left: number[] = [];
      eachPosting(block, withoutDocuments(block, packed, gone), (doc) => void left.push(doc));
      expect(left).toEqual(read.map(({ doc }) => doc).filter((doc) => !gone.has(doc)));
    }),
  );
});
