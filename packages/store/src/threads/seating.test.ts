import { describe, expect, test } from "vitest";
import { makeSeating } from "./seating.ts";

describe("the threads of spaces", () => {
  test("EMB-4 two tenants of a small server are on two threads, and stay there", () => {
    const seatOf = makeSeating(2, 64);
    const [importing, asking] = [seatOf("a"), seatOf("b")];
    expect(importing).not.toBe(asking);
    for (let other = 0; other < 50; other++) seatOf(`other ${other}`);
    expect([seatOf("a"), seatOf("b")]).toEqual([importing, asking]);
  });

  test("ENG-1 spaces are shared out evenly, and those long unused forgotten", () => {
    const seatOf = makeSeating(3, 4);
    const counts = [0, 0, 0];
    for (let space = 0; space < 300; space++) counts[seatOf(`space ${space}`)]!++;
    for (const count of counts) expect(count).toBeGreaterThan(80);
    expect(makeSeating(1, 4)("only")).toBe(0);
  });
});
