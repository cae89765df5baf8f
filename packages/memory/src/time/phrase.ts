/**
 * The grammar of times: simple times, then what is built from them. Every rule looks a bounded number of tokens ahead
 * and none calls itself, so reading a text takes time linear in its length.
 */
import { minMillis, maxMillis } from "@cairn/kernel/clock";
import { dayMillis, type Day } from "./calendar.ts";
import { dayOfMonth, dayThenMonth, decade, holiday, monthAlone, monthThenDay, partOfYear, season } from "./named.ts";
import { bareYear, numericDate } from "./numeric.ts";
import {
  days,
  longest,
  oneDay,
  shiftDay,
  unitSpan,
  wordAt,
  type Evidence,
  type Found,
  type Reading,
  type Rule,
} from "./reading.ts";
import { countedAway, nearestWeekday, relativeDay, relativeUnit, theWeekend, weekday } from "./relative.ts";
import { amountAt, ordinalAt } from "./token.ts";
import { dayParts, units, weekdays } from "./vocabulary.ts";

const simple: readonly Rule[] = [
  numericDate,
  dayThenMonth,
  monthThenDay,
  monthAlone,
  partOfYear,
  season,
  holiday,
  decade,
  relativeDay,
  relativeUnit,
  theWeekend,
  countedAway,
  weekday,
  dayOfMonth,
  bareYear,
];

const simpleAt = (reading: Reading, at: number, evidence: Evidence): Found | null => {
  const found = longest(simple, reading, at, evidence);
  if (found !== null || wordAt(reading, at) !== "the") return found;
  return longest(simple, reading, at + 1, evidence);
};

const isDay = (found: Found): boolean => found.absolute !== true && found.to - found.from <= dayMillis * 1.5;
const firstDay = (found: Found): Day => Math.floor(found.from / dayMillis);
const lastDay = (found: Found): Day => Math.ceil(found.to / dayMillis) - 1;

/** "Monday, 5 May 2023": the date says it all. */
const weekdayDate: Rule = (reading, at) => {
  if (!weekdays.has(wordAt(reading, at))) return null;
  const start = wordAt(reading, at + 1) === "," ? at + 2 : at + 1;
  const found = longest([numericDate, dayThenMonth, monthThenDay], reading, start, 2);
  return found === null || !isDay(found) ? null : found;
};

const side = (reading: Reading, at: number): { readonly after: boolean; readonly next: number } | null => {
  const word = wordAt(reading, at);
  if (word === "before" || word === "after") return { after: word === "after", next: at + 1 };
  return word === "prior" && wordAt(reading, at + 1) === "to" ? { after: false, next: at + 2 } : null;
};

/** "two days before Christmas", "the week after Easter", "the Sunday before 25 May 2023", "the week of May 5". */
const anchored: Rule = (reading, at) => {
  const start = wordAt(reading, at) === "the" ? at + 1 : at;
  const last = wordAt(reading, start) === "last" && side(reading, start + 2) !== null ? 1 : 0;
  const amount = amountAt(reading.tokens, start) ?? { value: 1, next: start + last, vague: false };
  const unit = units.get(wordAt(reading, amount.next));
  const named = start === amount.next ? weekdays.get(wordAt(reading, start)) : undefined;
  if (unit === undefined && named === undefined) return null;
  if (unit?.unit === "week" && start === amount.next && wordAt(reading, start + 1) === "of") {
    const anchor = simpleAt(reading, start + 2, 2);
    return anchor === null || !isDay(anchor)
      ? null
      : { ...unitSpan("week", firstDay(anchor), 0), certain: anchor.certain, next: anchor.next };
  }
  const where = side(reading, amount.next + 1);
  const anchor = where === null ? null : simpleAt(reading, where.next, 2);
  if (where === null || anchor === null || anchor.absolute === true) return null;
  const edge = where.after ? lastDay(anchor) : firstDay(anchor);
  const sign = where.after ? 1 : -1;
  const { certain, next } = anchor;
  if (named !== undefined) return { ...oneDay(nearestWeekday(edge, named, where.after)), certain, next };
  if (unit === undefined || /^(?:second|minute|hour)$/u.test(unit.unit) || amount.value === 0) return null;
  const count = amount.value * unit.count;
  if (unit.unit === "weekend") {
    const saturday = nearestWeekday(edge, 6, where.after) + sign * 7 * (count - 1);
    return { ...days(saturday, saturday + 2), certain, next };
  }
  if (unit.unit === "day") return { ...oneDay(edge + sign * count), certain: certain && !amount.vague, next };
  const near = shiftDay(edge, unit.unit, sign * (count - 1));
  const far = shiftDay(edge, unit.unit, sign * count);
  return { ...(where.after ? days(near + 1, far + 1) : days(far, near)), certain: false, next };
};

const thirds: ReadonlyMap<string, 0 | 1 | 2> = new Map([
  ["early", 0],
  ["beginning", 0],
  ["start", 0],
  ["mid", 1],
  ["middle", 1],
  ["late", 2],
  ["end", 2],
]);

/** "early 2023", "mid-March", "the end of last year", "the end of the month". */
const third: Rule = (reading, at) => {
  const start = wordAt(reading, at) === "the" ? at + 1 : at;
  const part = thirds.get(wordAt(reading, start));
  if (part === undefined) return null;
  const noun = !/^(?:early|mid|late)$/u.test(wordAt(reading, start));
  const joiner = /^(?:of|in|-)$/u.test(wordAt(reading, start + 1));
  if (noun && wordAt(reading, start + 1) !== "of") return null;
  const begin = start + (joiner ? 2 : 1);
  const unit = wordAt(reading, begin) === "the" ? units.get(wordAt(reading, begin + 1)) : undefined;
  const whole: Found | null =
    unit !== undefined && /^(?:week|month|quarter|year)$/u.test(unit.unit) && !unit.plural
      ? { ...unitSpan(unit.unit, reading.today, 0), certain: false, next: begin + 2 }
      : simpleAt(reading, begin, noun ? 2 : 1);
  if (whole === null || whole.absolute === true) return null;
  const length = lastDay(whole) + 1 - firstDay(whole);
  if (length < 5) return { ...whole, certain: false };
  const first = firstDay(whole);
  const from = first + Math.round((length * part) / 3);
  return { ...days(from, first + Math.round((length * (part + 1)) / 3)), certain: false, next: whole.next };
};

/** "the first week of June", "the last day of 2023", "the second Monday of March", "the morning of 5 May". */
const nthOf: Rule = (reading, at) => {
  const start = wordAt(reading, at) === "the" ? at + 1 : at;
  const part = dayParts.get(wordAt(reading, start));
  if (part !== undefined && wordAt(reading, start + 1) === "of") {
    const whole = simpleAt(reading, start + 2, 2);
    if (whole === null || !isDay(whole)) return null;
    const midnight = firstDay(whole) * dayMillis;
    return {
      from: midnight + part[0] * 3_600_000,
      to: midnight + part[1] * 3_600_000,
      certain: whole.certain,
      next: whole.next,
    };
  }
  const last = wordAt(reading, start) === "last";
  const ordinal = last ? { value: 1, next: start + 1 } : ordinalAt(reading.tokens, start);
  const noun = ordinal === null ? "" : wordAt(reading, ordinal.next);
  const named = weekdays.get(noun);
  if (ordinal === null || (!/^(?:day|week|weekend|month)$/u.test(noun) && named === undefined)) return null;
  if (!/^(?:of|in)$/u.test(wordAt(reading, ordinal.next + 1)) || ordinal.value < 1) return null;
  const whole = simpleAt(reading, ordinal.next + 2, 2);
  if (whole === null || whole.absolute === true) return null;
  const [begin, end] = [firstDay(whole), lastDay(whole) + 1];
  const nth = ordinal.value - 1;
  const read = (): readonly [Day, Day] => {
    if (noun === "month") {
      const month = unitSpan("month", last ? end - 1 : begin, nth);
      return [month.from / dayMillis, month.to / dayMillis];
    }
    if (noun === "weekend") {
      const saturday = last ? nearestWeekday(end - 1, 6, false) : nearestWeekday(begin - 1, 6, true) + 7 * nth;
      return [saturday, saturday + 2];
    }
    if (named !== undefined) {
      const day = last ? nearestWeekday(end, named, false) : nearestWeekday(begin - 1, named, true) + 7 * nth;
      return [day, day + 1];
    }
    const size = noun === "week" ? 7 : 1;
    return last ? [end - size, end] : [begin + size * nth, begin + size * (nth + 1)];
  };
  const [from, to] = read();
  return from < begin || to > end ? null : { ...days(from, to), certain: whole.certain, next: whole.next };
};

const composed: readonly Rule[] = [weekdayDate, anchored, third, nthOf, simpleAt];
const strong = /^(?:in|during|since|until|till|within|throughout)$/u;
const weak = /^(?:on|of|for|from|by|at|over|around|about|before|after|through)$/u;

/** A time with the preposition before it, if any. */
const prefixed: Rule = (reading, at, evidence) => {
  const word = wordAt(reading, at);
  const own: Evidence = strong.test(word) ? 2 : weak.test(word) ? 1 : 0;
  const plain = longest(composed, reading, at, evidence);
  if (own === 0) return plain;
  const found = longest(composed, reading, at + 1, own > evidence ? own : evidence);
  if (found === null || (plain !== null && plain.next >= found.next)) return plain;
  return /^(?:around|about|by)$/u.test(word) ? { ...found, certain: false } : found;
};

/** Where the end of a range has a year and its start has none, the start takes it; an earlier start is never after its end. */
const join = (from: Found, to: Found): Found | null => {
  if (from.absolute === true || to.absolute === true) return null;
  const year = (at: number): number => new Date(at).getUTCFullYear();
  let start = from.inYear !== undefined && to.inYear === undefined ? (from.inYear(year(to.from)) ?? from) : from;
  let end = to.inYear !== undefined && from.inYear === undefined ? (to.inYear(year(from.from)) ?? to) : to;
  if (start.from >= end.to && from.inYear !== undefined) start = from.inYear(year(start.from) - 1) ?? start;
  else if (start.from >= end.to && to.inYear !== undefined) end = to.inYear(year(end.from) + 1) ?? end;
  if (start.from >= end.to) return null;
  const dated = from.certain || (from.inYear !== undefined && to.inYear === undefined);
  return {
    from: start.from,
    to: end.to,
    certain: dated && (to.certain || to.inYear !== undefined) && (from.certain || to.certain),
    next: to.next,
  };
};

const joiner = /^(?:to|until|till|through|thru|-|–|—)$/u;

/** "between March and May", "from Monday to Friday", "1 May - 5 May". */
const range: Rule = (reading, at) => {
  const word = wordAt(reading, at);
  const opened = word === "between" || word === "from";
  const from = longest(composed, reading, opened ? at + 1 : at, opened || reading.loose ? 2 : 0);
  if (from === null) return null;
  const between = wordAt(reading, from.next);
  if (word === "between" ? between !== "and" : !joiner.test(between)) return null;
  const to = longest(composed, reading, from.next + 1, 2);
  return to === null ? null : join(from, to);
};

/** "since Monday", "after June 2023", "before Christmas", "until last week". */
const open: Rule = (reading, at) => {
  const word = wordAt(reading, at);
  const where = /^(?:since|after|before|until|till)$/u.test(word) ? { kind: word, next: at + 1 } : null;
  const found =
    where === null
      ? null
      : longest(composed, reading, where.next, word === "since" || word === "until" || word === "till" ? 2 : 1);
  if (where === null || found === null || found.absolute === true) return null;
  const { certain, next } = found;
  const tomorrow = (reading.today + 1) * dayMillis;
  if (word === "since") return found.from < tomorrow ? { from: found.from, to: tomorrow, certain, next } : null;
  if (word === "after") return { from: found.to, to: maxMillis + 1, certain, next };
  return { from: minMillis, to: word === "before" ? found.from : found.to, certain, next };
};

const everything: readonly Rule[] = [range, open, prefixed];

/** The longest time that begins at a token. */
export const phraseAt = (reading: Reading, at: number): Found | null => longest(everything, reading, at, 0);
