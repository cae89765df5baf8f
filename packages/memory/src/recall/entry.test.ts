import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeBag, makeBag } from "./bag.ts";
import { decodeEntry, encodeEntry, facetName, type Facets, visitNames } from "./entry.ts";

const name = fc.oneof(fc.nat(300), fc.nat(0x7fff_ffff));
const facets: fc.Arbitrary<Facets> = fc.record({
  owner: name,
  trust: fc.nat(3),
  quarantined: fc.boolean(),
  asks: fc.boolean(),
  tellsTime: fc.boolean(),
  author: name,
  session: name,
  position: fc.oneof(fc.double({ noNaN: true }), fc.nat()),
  category: name,
  source: name,
  key: name,
  eventAt: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
  expiresAt: fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: 253_402_300_799_999 })),
  tags: fc.array(name, { maxLength: 20 }),
  entities: fc.array(name, { maxLength: 70 }),
});
const words = fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 200 });
const entry = fc.tuple(facets, words).map(([given, list]) => {
  const bag = encodeBag(makeBag(list.map(String), [], Number));
  return { given, list, bag, bytes: encodeEntry(given, bag) };
});

const namesOf = (bytes: Uint8Array): { readonly whole: boolean; readonly names: readonly number[] } => {
  const names: number[] = [];
  const whole = visitNames(bytes, (one) => void names.push(one));
  return { whole, names };
};

describe("entries of the search index", () => {
  test("REC-2 come back from their bytes as they were, wherever these lie in memory", () => {
    fc.assert(
      fc.property(entry, fc.nat(7), ({ given, bag, bytes }, offset) => {
        const within = new Uint8Array(bytes.length + offset + 3);
        within.set(bytes, offset);
        const decoded = decodeEntry(within.subarray(offset, offset + bytes.length));
        expect(decoded.facets).toEqual(given);
        expect([...decoded.bag]).toEqual([...bag]);
      }),
    );
  });

  test("MEM-3 name every term and facet value that they hold, so that a purge can forget them", () => {
    fc.assert(
      fc.property(entry, ({ given, list, bytes }) => {
        const { whole, names } = namesOf(bytes);
        expect(whole).toBe(true);
        const { author, session, category, source, key, tags, entities } = given;
        const expected = new Set([author, session, category, source, key, ...tags, ...entities, ...list]);
        expect(new Set(names)).toEqual(expected);
      }),
    );
  });

  test("ENG-1 are refused when cut short, grown or of another layout, and never walked without end", () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 5 }), ({ bytes }, cut, noise) => {
        expect(namesOf(bytes.subarray(0, cut % bytes.length)).whole).toBe(false);
        expect(namesOf(Uint8Array.from([...bytes, ...noise])).whole).toBe(false);
        const other = Uint8Array.from(bytes);
        other[0] = 2;
        expect(namesOf(other).whole).toBe(false);
        const spoilt = Uint8Array.from(bytes);
        spoilt.set(noise.subarray(0, bytes.length), cut % Math.max(1, bytes.length - noise.length));
        expect(namesOf(spoilt).names.length).toBeLessThanOrEqual(bytes.length + 8);
      }),
    );
  });

  test("REC-2 facet values of two kinds never share a name, nor a term; authors compare without case", () => {
    expect(facetName("tag", "x")).not.toBe(facetName("key", "x"));
    expect(facetName("tag", "x").charCodeAt(0)).toBe(1);
    expect(facetName("author", "ŽOFIE")).toBe(facetName("author", "žofie"));
    expect(facetName("tag", "X")).not.toBe(facetName("tag", "x"));
    fc.assert(fc.property(fc.string({ unit: "binary" }), (value) => facetName("tag", value).isWellFormed()));
  });
});
