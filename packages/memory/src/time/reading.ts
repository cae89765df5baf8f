/** What every rule of the grammar gets and gives. */
import type { Millis } from "@cairn/kernel/clock";
import { civilOf, dayMillis, dayOf, weekStart, type Day, type LocalMillis } from "./calendar.ts";
import type { Token } from "./token.ts";
import type { Unit } from "./vocabulary.ts";

export interface Reading {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly now: Millis;
  readonly localNow: LocalMillis;
  readonly today: Day;
  /** The whole text is a time: a bare year, month or weekday needs no evidence. */
  readonly loose: boolean;
}

/**
 * How strongly the words before speak for a time: 2 after "in" or "since", where nearly nothing else fits; 1 after
 * "of", "for" or "early"; 0 after anything.
 */
export type Evidence = 0 | 1 | 2;

export interface Span {
  readonly from: LocalMillis;
  /** Exclusive. */
  readonly to: LocalMillis;
}

export interface Found extends Span {
  /** The first token after what was read. */
  readonly next: number;
  readonly certain: boolean;
  /** `from` and `to` are instants, not times of the wall clock. */
  readonly absolute?: boolean;
  /** A point in time rather than a stretch of it. */
  readonly instant?: boolean;
  /** The same words in another year, where the text names none. */
  readonly inYear?: (year: number) => Span | null;
}

export type Rule = (reading: Reading, at: number, evidence: Evidence) => Found | null;

export const wordAt = (reading: Reading, at: number): string => reading.tokens[at]?.word ?? "";

export const days = (from: Day, to: Day): Span => ({ from: from * dayMillis, to: to * dayMillis });
export const oneDay = (day: Day): Span => days(day, day + 1);
export const monthSpan = (year: number, month: number, count = 1): Span =>
  days(dayOf(year, month, 1), dayOf(year, month + count, 1));
export const yearSpan = (year: number): Span => monthSpan(year, 1, 12);

/** The calendar unit that holds a day, moved by so many units. A weekend is Saturday and Sunday of its ISO week. */
export const unitSpan = (unit: Unit, day: Day, shift: number): Span => {
  const { year, month } = civilOf(day);
  const week = weekStart(day) + 7 * shift;
  switch (unit) {
    case "week":
      return days(week, week + 7);
    case "weekend":
      return days(week + 5, week + 7);
    case "month":
      return monthSpan(year, month + shift);
    case "quarter":
      return monthSpan(year, 3 * Math.floor((month - 1) / 3) + 1 + 3 * shift, 3);
    case "year":
      return yearSpan(year + shift);
    case "decade":
      return monthSpan(10 * Math.floor(year / 10) + 10 * shift, 1, 120);
    case "second":
    case "minute":
    case "hour":
    case "day":
      return oneDay(day + shift);
  }
};

/** A day moved by calendar units; the last day of the month where the month is shorter. */
export const shiftDay = (day: Day, unit: Unit, shift: number): Day => {
  if (unit === "day") return day + shift;
  if (unit === "week" || unit === "weekend") return day + 7 * shift;
  const monthsOf = { month: 1, quarter: 3, year: 12, decade: 120 } as const;
  const { year, month, day: dayInMonth } = civilOf(day);
  const step = (unit in monthsOf ? monthsOf[unit as keyof typeof monthsOf] : 0) * shift;
  return Math.min(dayOf(year, month + step, dayInMonth), dayOf(year, month + step + 1, 1) - 1);
};

/** The latest year in which the span does not begin after today; `null` where none of the last eight years has it. */
export const mostRecent = (reading: Reading, inYear: (year: number) => Span | null): Span | null => {
  const { year } = civilOf(reading.today);
  for (let back = 0; back <= 8; back += 1) {
    const span = inYear(year - back);
    if (span !== null && span.from <= reading.today * dayMillis) return span;
  }
  return null;
};

/** The longest of what several rules read; the earlier rule where two read as far. */
export const longest = (rules: readonly Rule[], reading: Reading, at: number, evidence: Evidence): Found | null => {
  let best: Found | null = null;
  for (const rule of rules) {
    const found = rule(reading, at, evidence);
    if (found !== null && (best === null || found.next > best.next)) best = found;
  }
  return best;
};

const measures =
  /^(?:people|percent|million|billion|thousand|hundred|times?|km|kg|mb|gb|kb|tb|ms|mm|cm|m|px|usd|eur|dollars?|euros?|[%€$£°×])$/u;
const notPlural = /^(?:was|is|has|does|as|this|us|vs|its|his|ours|always|perhaps|regards)$/u;

/** Whether the next word makes of a number a count: "2024 games", "may 5 people". */
export const isCounted = (reading: Reading, next: number): boolean => {
  const token = reading.tokens[next];
  if (token === undefined || token.capital) return false;
  return (
    measures.test(token.word) ||
    (token.kind === "word" && token.word.length > 2 && token.word.endsWith("s") && !notPlural.test(token.word))
  );
};
