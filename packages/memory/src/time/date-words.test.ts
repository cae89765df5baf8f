import fc from "fast-check";
import { minMillis, maxMillis } from "@cairn/kernel/clock";
import { expect, test } from "vitest";
import { easter, isoWeek, weekdayOf, dayOf, civilOf } from "./calendar.ts";
import { dateWords } from "./date-words.ts";
import { zoneOf } from "./zone.ts";

test("REC-3: a date is indexed as its day, month and year", () => {
  expect(dateWords(Date.parse("2023-05-08T13:56:00Z"))).toEqual(["8", "may", "2023"]);
});

test("REC-3: the day is the caller's", () => {
  const at = Date.parse("2023-05-08T23:30:00Z");
  expect(dateWords(at, "Europe/Berlin")).toEqual(["9", "may", "2023"]);
  expect(dateWords(at, "america/new_york")).toEqual(["8", "may", "2023"]);
});

test("REC-3: the first and last days that can be written have words", () => {
  expect(dateWords(minMillis)).toEqual(["1", "january", "1"]);
  expect(dateWords(maxMillis)).toEqual(["31", "december", "9999"]);
});

test.each([
  [1818, "1818-03-22"],
  [1943, "1943-04-25"],
  [2000, "2000-04-23"],
  [2024, "2024-03-31"],
  [2025, "2025-04-20"],
  [2038, "2038-04-25"],
])("REC-3: Easter of %i is %s", (year, day) => {
  expect(new Date(easter(year) * 86_400_000).toISOString().slice(0, 10)).toBe(day);
});

test("REC-3: weeks begin on Monday and the first holds 4 January", () => {
  expect(weekdayOf(dayOf(2024, 6, 10))).toBe(1);
  expect(weekdayOf(dayOf(1, 1, 1))).toBe(1);
  expect(isoWeek(2021, 53)).toBeNull();
  expect(civilOf(isoWeek(2021, 1) ?? 0)).toEqual({ year: 2021, month: 1, day: 4 });
});

test("REC-3: an instant shown on a wall clock and read back is the same, or the first of the two that show the same", () => {
  const zones = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Monrovia",
  ];
  fc.assert(
    fc.property(fc.integer({ min: minMillis, max: maxMillis }), fc.constantFrom(...zones), (at, name) => {
      const zone = zoneOf(name);
      const back = zone.toInstant(zone.toLocal(at));
      expect(zone.toLocal(back)).toBe(zone.toLocal(at));
      expect(back).toBeLessThanOrEqual(at);
    }),
  );
});
