/**
 * Times on the wire: RFC 3339. Two lenient readings that existing clients rely on: a time without an offset is UTC,
 * and a plain date is its midnight in UTC.
 */
import { maxMillis, minMillis, toRfc3339, type Millis } from "@cairn/kernel/clock";
import { z } from "zod";

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?([Zz]|[+-]\d{2}:?\d{2})?)?$/;

const offsetMinutes = (offset: string | undefined): number | null => {
  if (offset === undefined || offset === "Z" || offset === "z") return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(-2));
  if (hours > 23 || minutes > 59) return null;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
};

/** Milliseconds since 1970 of an RFC 3339 time; null when it is none or lies outside the years 1 to 9999. */
export const parseInstant = (given: string): Millis | null => {
  const match = pattern.exec(given.trim());
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offset = offsetMinutes(match[8]);
  // A leap second (RFC 3339 §5.6) is read as the second after it, as POSIX clocks do.
  if (offset === null || hour > 23 || minute > 59 || second > 60) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const fraction = Math.trunc(Number(`0.${match[7] ?? "0"}`) * 1000);
  const at = date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction;
  return at < minMillis || at > maxMillis ? null : at;
};

/** A time that becomes milliseconds since 1970 UTC. */
export const instant = (name: string, describe: string) =>
  z
    .string()
    .transform((given, context): Millis => {
      const at = parseInstant(given);
      if (at !== null) return at;
      context.issues.push({
        code: "custom",
        message: `${name} must be an RFC 3339 time such as 2024-06-01T09:30:00Z, in the years 0001 to 9999`,
        input: given,
      });
      return z.NEVER;
    })
    .meta({ format: "date-time", description: `${describe} (RFC 3339)` });

/** A time as every interface shows it. */
export const shownInstant = (describe: string) => z.string().meta({ format: "date-time", description: describe });

export const showInstant = (at: Millis | null): string | null => (at === null ? null : toRfc3339(at));
