import fc from "fast-check";
import { expect, test } from "vitest";
import { nameKey, spaceNameOf } from "./space-name.ts";

test("names that differ in case, width or composition have one key", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (name) => {
      expect(nameKey(nameKey(name))).toBe(nameKey(name));
      expect(nameKey(name.normalize("NFD"))).toBe(nameKey(name.normalize("NFC")));
      expect(nameKey(` ${name} `)).toBe(nameKey(name));
    }),
  );
});

test("a name is kept as it was written, without the blanks around it", () => {
  expect(spaceNameOf("  Team Ｘ ")).toBe("Team Ｘ");
});

test("a refused name says what would be right", () => {
  expect(() => spaceNameOf("x".repeat(101))).toThrow("name must be 1 to 100 characters; this has 101");
});
