import { maxMillis, minMillis } from "@cairn/kernel/clock";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInstant } from "./instant.ts";

describe("an RFC 3339 time", () => {
  test("reads back every moment that it shows", () => {
    fc.assert(
      fc.property(fc.integer({ min: minMillis, max: maxMillis }), (at) => {
        expect(parseInstant(new Date(at).toISOString())).toBe(at);
      }),
    );
  });

  test("reads any offset", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: -23 * 60, max: 23 * 60 }), (at, minutes) => {
        const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, "0");
        const rest = String(Math.abs(minutes) % 60).padStart(2, "0");
        const local = new Date(at + minutes * 60_000)
          .toISOString()
          .replace("Z", `${minutes < 0 ? "-" : "+"}${hours}:${rest}`);
        expect(parseInstant(local)).toBe(at);
      }),
    );
  });

  test.each([
    ["2024-06-01", "2024-06-01T00:00:00.000Z"],
    ["2024-06-01T10:20", "2024-06-01T10:20:00.000Z"],
    ["2024-06-01 10:20:30.123456+00:00", "2024-06-01T10:20:30.123Z"],
    ["2024-06-01t10:20:30z", "2024-06-01T10:20:30.000Z"],
    ["2024-06-01T10:20:30.5+0200", "2024-06-01T08:20:30.500Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ])("reads %s as clients mean it", (given, expected) => {
    expect(new Date(parseInstant(given) ?? Number.NaN).toISOString()).toBe(expected);
  });

  test.each([
    "",
    "now",
    "2024",
    "2024-02-30",
    "2023-02-29T00:00:00Z",
    "2024-13-01",
    "2024-06-01T24:00:00Z",
    "2024-06-01T10:60:00Z",
    "2024-06-01T10:00:00+24:00",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "+010000-01-01T00:00:00Z",
    "1717236000",
  ])("is not %j", (given) => {
    expect(parseInstant(given)).toBeNull();
  });
});
