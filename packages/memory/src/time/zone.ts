/** IANA time zones through `Intl`, whose rules ship with the runtime. */
import { CairnError } from "@cairn/kernel/error";
import type { Millis } from "@cairn/kernel/clock";
import { dayMillis, type LocalMillis } from "./calendar.ts";

export interface Zone {
  readonly name: string;
  /** What a wall clock in the zone shows at an instant. */
  readonly toLocal: (at: Millis) => LocalMillis;
  /**
   * The instant of a wall-clock time. A time that happens twice is the first of the two; one that a clock change
   * skips is read with the offset before the change ("compatible" in ECMAScript's Temporal).
   */
  readonly toInstant: (local: LocalMillis) => Millis;
}

const utc: Zone = { name: "UTC", toLocal: (at) => at, toInstant: (local) => local };

/** A formatter costs 50 µs to make and a few kB to keep; names come from callers, so the cache is bounded. */
const cache = new Map<string, Zone>();
const cacheSize = 128;

const makeZone = (name: string): Zone => {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const toLocal = (at: Millis): LocalMillis => {
    const second = Math.floor(at / 1000) * 1000;
    const field: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(second)) field[type] = value;
    const year = field["era"] === "BC" ? 1 - Number(field["year"]) : Number(field["year"]);
    const date = new Date(0);
    date.setUTCFullYear(year, Number(field["month"]) - 1, Number(field["day"]));
    date.setUTCHours(Number(field["hour"]), Number(field["minute"]), Number(field["second"]));
    return date.getTime() + (at - second);
  };
  const toInstant = (local: LocalMillis): Millis => {
    const before = toLocal(local - dayMillis) - (local - dayMillis);
    const after = toLocal(local + dayMillis) - (local + dayMillis);
    const first = local - Math.max(before, after);
    const second = local - Math.min(before, after);
    if (toLocal(first) === local) return first;
    return toLocal(second) === local ? second : local - before;
  };
  return { name: format.resolvedOptions().timeZone, toLocal, toInstant };
};

/** Looks a zone up by its IANA name ("Europe/Berlin", in any case) or offset ("+02:00"); unknown: `request.invalid`. */
export const zoneOf = (name: string): Zone => {
  if (name === "UTC" || name === "Etc/UTC" || name === "Z") return utc;
  const known = cache.get(name);
  if (known !== undefined) return known;
  let zone: Zone;
  try {
    zone = makeZone(name);
  } catch (cause) {
    const problem = { path: "time_zone", code: "invalid", message: "Not an IANA time zone name." };
    throw new CairnError("request.invalid", "Unknown time zone.", { problems: [problem] }, { cause });
  }
  if (cache.size >= cacheSize) cache.clear();
  cache.set(name, zone);
  return zone;
};
