/**
 * Times that people and programs write, as ranges of instants (REC-3): `parseTimeRange` for values of `after` and
 * `before`, `findTimePhrases` for times inside a question. Weeks begin on Monday. English phrases, and digits in any
 * language.
 */
import { maxMillis, minMillis, type Millis } from "@cairn/kernel/clock";
import { dayMillis } from "./calendar.ts";
import { phraseAt } from "./phrase.ts";
import { mayBegin } from "./starters.ts";
import type { Found, Reading } from "./reading.ts";
import { maxTextLength, tokenize } from "./token.ts";
import { zoneOf, type Zone } from "./zone.ts";

export interface TimeContext {
  /** The caller's clock, milliseconds since 1970 UTC. */
  readonly now: Millis;
  /** IANA name of the caller's zone; an unknown one is `request.invalid`. */
  readonly timeZone: string;
}

export interface TimeRange {
  readonly from: Millis;
  /** Exclusive. */
  readonly to: Millis;
  /** The text named a moment ("2024-06-01T10:00Z") rather than a day or a longer stretch. */
  readonly instant: boolean;
}

export interface TimePhrase {
  /** Offsets into the query, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly from: Millis;
  /** Exclusive. */
  readonly to: Millis;
  /**
   * The words allow one reading only ("yesterday", "May 2023"), so that filtering by them is safe. "In March" without
   * a year, "on Friday", seasons and holidays are the latest ones not in the future, and not certain.
   */
  readonly certain: boolean;
}

const readingOf = (text: string, { now }: TimeContext, zone: Zone, loose: boolean): Reading => {
  const at = Number.isFinite(now) ? Math.min(Math.max(now, minMillis), maxMillis) : 0;
  const localNow = zone.toLocal(at);
  return { text, tokens: tokenize(text), now: at, localNow, today: Math.floor(localNow / dayMillis), loose };
};

/** What was read as instants within the years 1..9999; `null` where nothing is left. */
const toInstants = (found: Found, zone: Zone): { readonly from: Millis; readonly to: Millis } | null => {
  const open = { low: found.from <= minMillis, high: found.to > maxMillis };
  const convert = (local: number): Millis => (found.absolute === true ? local : zone.toInstant(local));
  const from = open.low ? minMillis : Math.max(minMillis, convert(found.from));
  const to = open.high ? maxMillis : Math.min(maxMillis, convert(found.to));
  return from < to ? { from, to } : null;
};

/** Every time in a free text, in order, none overlapping. Never throws for any text; reads 10,000 characters. */
export const findTimePhrases = (query: string, context: TimeContext): readonly TimePhrase[] => {
  const zone = zoneOf(context.timeZone);
  const reading = readingOf(query, context, zone, false);
  const phrases: TimePhrase[] = [];
  for (let at = 0; at < reading.tokens.length;) {
    const token = reading.tokens[at];
    const found = token !== undefined && mayBegin(token) ? phraseAt(reading, at) : null;
    const span = found === null ? null : toInstants(found, zone);
    const start = reading.tokens[at]?.start ?? 0;
    if (found !== null && span !== null) {
      const end = reading.tokens[found.next - 1]?.end ?? start;
      phrases.push({ start, end, text: query.slice(start, end), ...span, certain: found.certain });
      at = found.next;
    } else at += 1;
  }
  return phrases;
};

/**
 * The range that a whole text names: ISO 8601 (`2024`, `2024-06`, `2024-06-01`, `2024-W23`), RFC 3339 (without offset:
 * the caller's zone) or a phrase. A text without other numbers
 * around exactly one phrase is that phrase. `null` where it names no time.
 */
export const parseTimeRange = (text: string, context: TimeContext): TimeRange | null => {
  const zone = zoneOf(context.timeZone);
  const trimmed = text.slice(0, maxTextLength).trim();
  const reading = readingOf(trimmed, context, zone, true);
  if (trimmed.toLowerCase() === "now") return { from: reading.now, to: reading.now + 1, instant: true };
  const found = phraseAt(reading, 0);
  const rest = found === null ? [] : reading.tokens.slice(found.next, found.next + 3);
  if (found !== null && rest.length < 3 && rest.every((token) => /^[.!?,;]$/u.test(token.word))) {
    const span = toInstants(found, zone);
    return span === null ? null : { ...span, instant: found.instant === true };
  }
  const [only, ...others] = findTimePhrases(trimmed, context);
  if (only === undefined || others.length > 0) return null;
  const around = trimmed.slice(0, only.start) + trimmed.slice(only.end);
  return /\d/u.test(around) ? null : { from: only.from, to: only.to, instant: false };
};

/** `after` keeps what happened at or after this instant: the start of the range. */
export const afterBound = (range: TimeRange): Millis => range.from;

/**
 * `before` keeps what happened before this instant. A moment excludes itself; a day, month or year is included whole,
 * as TribalMemory documents the field ("events on/before this date"): before "2024-06" reaches to the end of June.
 */
export const beforeBound = (range: TimeRange): Millis => (range.instant ? range.from : range.to);
