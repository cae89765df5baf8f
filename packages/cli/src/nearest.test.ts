import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const names = ["remember", "recall", "restore", "stats", "spaces", "serve", "import", "export", "mcp"];

describe("API-7: a slip of the hand is met with the name that was meant", () => {
  test.each([
    ["remmber", "remember"],
    ["rember", "remember"],
    ["recal", "recall"],
    ["reacll", "recall"],
    ["Stats", "stats"],
    ["imprt", "import"],
    ["mpc", "mcp"],
    ["exp", "export"],
  ])("%s is %s", (given, meant) => {
    expect(nearest(given, names)).toBe(meant);
  });

  test.each(["", "zzz", "banana", "x".repeat(1_000)])("%j is nothing of ours", (given) => {
    expect(nearest(given, names)).toBe(null);
  });

  test("every name is nearest to itself", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{2,12}$/u), { minLength: 1, maxLength: 8 }), (some) => {
        for (const name of some) expect(nearest(name, some)).toBe(name);
      }),
    );
  });
});
