import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth, indentText, wrapText } from "./wrap-text.ts";

describe("API-7: text fits the terminal", () => {
  test("no line is wider than asked, and no word is lost", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "é", "世", "👋", " ", "\n", "b", "ก"), maxLength: 120 }),
        fc.integer({ min: 10, max: 60 }),
        (text, width) => {
          const lines = wrapText(text, width);
          for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
          expect(lines.join("").replaceAll(/\s/gu, "")).toBe(text.replaceAll(/\s/gu, ""));
        },
      ),
    );
  });

  test("cells are counted as terminals do", () => {
    expect(displayWidth("abc")).toBe(3);
    expect(displayWidth("世界")).toBe(4);
    expect(displayWidth("e\u0301")).toBe(1);
    expect(displayWidth("👨‍👩‍👧")).toBe(2);
  });

  test("lines break between words and keep their indentation", () => {
    expect(wrapText("  one two three", 10)).toEqual(["  one two", "  three"]);
    expect(indentText("one two three\n\nfour", 12, "> ")).toBe("> one two\n> three\n\n> four");
  });
});
