import fc from "fast-check";
import { maxMillis, minMillis, toRfc3339 } from "@cairn/kernel/clock";
import { describe, expect, test } from "vitest";
import { importTime } from "./import-time.ts";

describe("API-7: times in imports", () => {
  test.each([
    ["2024", "2024-01-01T00:00:00.000Z"],
    ["2024-06", "2024-06-01T00:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["2024-05-03T12:30:15.123456", "2024-05-03T12:30:15.123Z"],
    ["2024-05-03 12:30", "2024-05-03T12:30:00.000Z"],
    ["2024-05-03T12:30:15+05:30", "2024-05-03T07:00:15.000Z"],
    ["2024-05-03T12:30:15-0800", "2024-05-03T20:30:15.000Z"],
    [1714737600, "2024-05-03T12:00:00.000Z"],
    [1714737600000, "2024-05-03T12:00:00.000Z"],
  ])("%s is %s", (value, expected) => {
    expect(toRfc3339(importTime(value) ?? 0)).toBe(expected);
  });

  test.each([
    "",
    "soon",
    "2023-02-29",
    "2024-13-01",
    "2024-05-03T25:00",
    "24",
    "0000-01-01",
    Number.NaN,
    1e300,
    null,
    {},
  ])("%j is no time", (value) => expect(importTime(value)).toBeNull());

  test("every time that Cairn writes is read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: minMillis, max: maxMillis }), (at) => {
        expect(importTime(toRfc3339(at))).toBe(at);
      }),
    );
  });
});
