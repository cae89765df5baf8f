import type { Millis } from "@cairn/kernel/clock";
import { civilOf, dayMillis } from "./calendar.ts";
import { monthNames } from "./vocabulary.ts";
import { zoneOf } from "./zone.ts";

/**
 * The words under which a memory's date is indexed: day, month, year; `["8", "may", "2023"]` for 8 May 2023. Lower
 * case. The day is that of the zone's wall clock; an unknown zone is `request.invalid`.
 */
export const dateWords = (at: Millis, timeZone = "UTC"): readonly string[] => {
  const { year, month, day } = civilOf(Math.floor(zoneOf(timeZone).toLocal(at) / dayMillis));
  return [String(day), monthNames[month - 1] ?? "", String(year)];
};
