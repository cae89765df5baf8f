/** The filters of recall, list and export: one set of names, one meaning. */
import { CairnError } from "@cairn/kernel/error";
import type { Millis } from "@cairn/kernel/clock";
import type { RecallFilter } from "@cairn/memory/recall/query";
import { afterBound, beforeBound, parseTimeRange, type TimeRange } from "@cairn/memory/time/time-range";
import { zoneOf } from "@cairn/memory/time/zone";
import { z } from "zod";
import { absent } from "../absent.ts";
import { present } from "./common.ts";
import { author, category, entity, key, sessionId, trust, wantedTags } from "./fields.ts";
import { instant } from "./instant.ts";
import { text } from "./text.ts";

const time = (name: "after" | "before", describe: string) => text({ name, max: 200, trim: true, describe }).nullish();

export const filterFields = {
  tags: wantedTags.nullish(),
  tagsMode: z
    .enum(["all", "any"], "tags_mode must be all or any")
    .nullish()
    .meta({ default: "any", description: "Whether a result needs all of the tags or one of them." }),
  key: key.nullish(),
  category: category.nullish(),
  entity: entity.nullish(),
  sessionId: sessionId.nullish(),
  sourceInstance: text({ name: "source_instance", max: 255, describe: "The agent that wrote it." }).nullish(),
  author: author.nullish(),
  minTrust: trust.nullish().meta({ description: "The least trusted origin to accept." }),
  after: time(
    "after",
    "Happened at or after this: an RFC 3339 time, 2024, 2024-06, 2024-06-01, or words like `last week`.",
  ),
  before: time("before", "Happened before this time, or no later than this year, month, day or phrase."),
} as const;

/** The caller's clock: phrases of time, expiry and validity follow it. */
export const clockFields = {
  now: instant("now", "The caller's present, the server's when absent").nullish(),
  timeZone: text({ name: "time_zone", max: 100, describe: "The caller's IANA time zone; UTC when absent." }).nullish(),
} as const;

const filterShape = z.object(filterFields);
type Filter = z.output<typeof filterShape>;

interface Clocked {
  readonly now: Millis;
  readonly timeZone?: string | null | undefined;
}

/** The time that a text names. Throws request.invalid when it names none. */
export const timeRange = (name: string, given: string, clock: Clocked): TimeRange => {
  const range = parseTimeRange(given, { now: clock.now, timeZone: clock.timeZone ?? "UTC" });
  if (range !== null) return range;
  const message = `${name} must be an RFC 3339 time, a year, month or day (2024, 2024-06, 2024-06-01) or a phrase such as "last week"`;
  throw new CairnError("request.invalid", message, { problems: [{ path: name, code: "invalid_format", message }] });
};

/** Throws request.invalid for a time or zone that means nothing. */
export const filterOf = (given: Filter, clock: Clocked): RecallFilter => {
  if (!absent(clock.timeZone)) zoneOf(clock.timeZone);
  const { tags, tagsMode, after, before, ...rest } = given;
  return {
    ...present({
      key: rest.key,
      category: rest.category,
      entity: rest.entity,
      sessionId: rest.sessionId,
      sourceInstance: rest.sourceInstance,
      author: rest.author,
      minTrust: rest.minTrust,
    }),
    ...(absent(tags) || tags.length === 0 ? {} : { tags, tagsMode: tagsMode ?? "any" }),
    ...(absent(after) ? {} : { after: afterBound(timeRange("after", after, clock)) }),
    ...(absent(before) ? {} : { before: beforeBound(timeRange("before", before, clock)) }),
  };
};
