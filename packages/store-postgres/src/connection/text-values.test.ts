import fc from "fast-check";
import { expect, test } from "vitest";
import { fromPostgresText, toPostgresText } from "./text-values.ts";

/** Texts in which what is special comes up often. */
const texts = fc
  .array(fc.oneof(fc.constantFrom("\0", "\u{10FFFE}", "0", "\u{10FFFD}", "a"), fc.string({ unit: "grapheme" })))
  .map((parts) => parts.join(""));

test("ENG-2 every well-formed text comes back as it was", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(fromPostgresText(toPostgresText(text))).toBe(text);
    }),
  );
});

test("ENG-2 what is written never has what PostgreSQL cannot hold", () => {
  const any = fc.oneof(
    texts,
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  );
  fc.assert(
    fc.property(any, (text) => {
      const written = toPostgresText(text);
      expect(written).not.toContain("\0");
      expect(written.isWellFormed()).toBe(true);
      expect(fromPostgresText(written)).toBe(text.toWellFormed());
    }),
  );
});

test("ENG-2 different texts are written differently", () => {
  fc.assert(
    fc.property(texts, texts, (one, two) => {
      expect(toPostgresText(one) === toPostgresText(two)).toBe(one === two);
    }),
  );
});

test("ENG-2 texts without the special characters are written as they are", () => {
  for (const text of ["", "plain", "Grüße 👋", "\u0001"]) expect(toPostgresText(text)).toBe(text);
});
