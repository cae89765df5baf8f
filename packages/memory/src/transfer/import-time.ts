/** Times as other programs write them into exports. */
import { maxMillis, type Millis, minMillis } from "@cairn/kernel/clock";

const iso =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d:?\d\d)?)?)?)?$/;

/** UTC midnight of a day, or `null` when the calendar has no such day. */
export const dayMillis = (year: number, month: number, day: number): Millis | null => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isThere = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isThere && date.getTime() >= minMillis && date.getTime() <= maxMillis ? date.getTime() : null;
};

/**
 * Milliseconds since 1970 of an ISO 8601 time, or of a number: seconds below 10¹¹ (until the year 5138), else
 * milliseconds. A time without a zone is UTC, as Python's `isoformat` and most exports mean it; digits beyond
 * milliseconds are dropped. `null` for anything else.
 */
export const importTime = (value: unknown): Millis | null => {
  if (typeof value === "number") {
    const millis = Math.round(Math.abs(value) < 1e11 ? value * 1_000 : value);
    return millis >= minMillis && millis <= maxMillis ? millis : null;
  }
  if (typeof value !== "string") return null;
  const found = iso.exec(value.trim());
  if (found === null) return null;
  const [, year, month = "1", day = "1", hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = found;
  const midnight = dayMillis(Number(year), Number(month), Number(day));
  if (midnight === null || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null;
  const sign = zone.startsWith("-") ? -1 : 1;
  const digits = zone.replaceAll(/\D/g, "").padEnd(4, "0");
  const offset = sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4)));
  const millis = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const at = midnight + ((Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)) * 1_000 + millis;
  return at >= minMillis && at <= maxMillis ? at : null;
};
