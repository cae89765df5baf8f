/** Times told from the caller's clock: "yesterday", "last week", "two weeks ago", "on Friday". */
import { dayMillis, hourMillis, weekStart, weekdayOf, type Day } from "./calendar.ts";
import { relativeShift } from "./named.ts";
import { days, oneDay, shiftDay, unitSpan, wordAt, type Found, type Reading, type Rule, type Span } from "./reading.ts";
import { amountAt } from "./token.ts";
import { dayParts, shortWeekdays, units, weekdays, type Unit } from "./vocabulary.ts";

const partOf = (day: Day, part: readonly [number, number]): Span => ({
  from: day * dayMillis + part[0] * hourMillis,
  to: day * dayMillis + part[1] * hourMillis,
});

/** A day, or the part of it that the next word names. */
const dayWithPart = (reading: Reading, day: Day, next: number, certain: boolean): Found => {
  const part = dayParts.get(wordAt(reading, next));
  return part === undefined ? { ...oneDay(day), certain, next } : { ...partOf(day, part), certain, next: next + 1 };
};

/** "yesterday", "today", "tomorrow morning", "tonight", "last night", "this afternoon". */
export const relativeDay: Rule = (reading, at) => {
  const { today } = reading;
  const first = wordAt(reading, at);
  const second = wordAt(reading, at + 1);
  if (first === "yesterday") return dayWithPart(reading, today - 1, at + 1, true);
  if (first === "today") return { ...oneDay(today), certain: true, next: at + 1 };
  if (first === "tomorrow") return dayWithPart(reading, today + 1, at + 1, true);
  if (first === "tonight") return { ...partOf(today, [18, 30]), certain: true, next: at + 1 };
  const part = dayParts.get(second);
  if (part !== undefined && first === "this") return { ...partOf(today, part), certain: true, next: at + 2 };
  if (part !== undefined && first === "last" && (second === "night" || second === "evening")) {
    return { ...partOf(today - 1, part), certain: true, next: at + 2 };
  }
  return null;
};

/** So many units up to now, or from now on. */
const window = (
  reading: Reading,
  unit: Unit,
  amount: number,
  ahead: boolean,
): Omit<Found, "next" | "certain"> | null => {
  const sign = ahead ? 1 : -1;
  if (unit === "minute" || unit === "hour" || unit === "second") {
    const length = amount * { second: 1000, minute: 60_000, hour: hourMillis }[unit];
    return {
      from: ahead ? reading.now : reading.now - length,
      to: ahead ? reading.now + length : reading.now + 1,
      absolute: true,
    };
  }
  const end = shiftDay(reading.today, unit, sign * amount);
  return ahead ? days(reading.today, end + 1) : days(end, reading.today + 1);
};

/** "last week", "this year", "the past week", "the last three months", "the week before last". */
export const relativeUnit: Rule = (reading, at) => {
  const article = wordAt(reading, at) === "the" ? 1 : 0;
  const alone = units.get(wordAt(reading, at + article));
  if (article === 1 && alone !== undefined && !alone.plural) {
    const pair = `${wordAt(reading, at + 2)} ${wordAt(reading, at + 3)}`;
    if (pair === "before last")
      return { ...unitSpan(alone.unit, reading.today, -2 * alone.count), certain: true, next: at + 4 };
    if (pair === "after next")
      return { ...unitSpan(alone.unit, reading.today, 2 * alone.count), certain: true, next: at + 4 };
  }
  const determiner =
    wordAt(reading, at + article) === "this" && /^(?:past|coming)$/u.test(wordAt(reading, at + article + 1)) ? 1 : 0;
  const start = at + article + determiner;
  const shift = relativeShift(wordAt(reading, start));
  if (shift === null) return null;
  const amount = amountAt(reading.tokens, start + 1);
  const counted = amount === null ? undefined : units.get(wordAt(reading, amount.next));
  if (amount !== null && counted !== undefined && shift !== 0 && amount.value > 0) {
    const span = window(reading, counted.unit, amount.value * counted.count, shift > 0);
    return span === null ? null : { ...span, certain: !amount.vague, next: amount.next + 1 };
  }
  const named = units.get(wordAt(reading, start + 1));
  if (named === undefined || named.plural || /^(?:second|minute|day)$/u.test(named.unit)) return null;
  const rolling =
    shift !== 0 &&
    (article + determiner > 0 || wordAt(reading, start) === "past") &&
    wordAt(reading, start) !== "previous";
  if (named.unit === "hour" || (rolling && named.unit !== "weekend")) {
    const span = article + determiner > 0 || rolling ? window(reading, named.unit, named.count, shift > 0) : null;
    return span === null ? null : { ...span, certain: false, next: start + 2 };
  }
  if (named.unit === "weekend") return weekend(reading, shift, start + 2);
  return { ...unitSpan(named.unit, reading.today, shift * named.count), certain: true, next: start + 2 };
};

/** The last weekend is the latest that is over, the next the one of next week. */
const weekend = (reading: Reading, shift: number, next: number): Found => {
  const over = shift < 0 ? -1 : shift;
  return { ...unitSpan("weekend", reading.today, over), certain: shift !== 1, next };
};

/** "the weekend": the latest that has begun. */
export const theWeekend: Rule = (reading, at) => {
  if (wordAt(reading, at) !== "the" || wordAt(reading, at + 1) !== "weekend") return null;
  const begun = weekdayOf(reading.today) >= 6 ? 0 : -1;
  return { ...unitSpan("weekend", reading.today, begun), certain: false, next: at + 2 };
};

/** The calendar unit so many units away: "two weeks ago" is the week that holds the day fourteen days back. */
const away = (reading: Reading, unit: Unit, amount: number, vague: boolean, ahead: boolean): Omit<Found, "next"> => {
  const sign = ahead ? 1 : -1;
  if (unit === "minute" || unit === "hour" || unit === "second") {
    const size = { second: 1000, minute: 60_000, hour: hourMillis }[unit];
    const at = reading.now + sign * amount * size;
    const slack = Math.round((size * (vague ? amount : 1)) / 2);
    return { from: at - slack, to: at + slack, certain: !vague, absolute: true };
  }
  const spread = vague ? Math.max(1, Math.floor(amount / 2)) : 0;
  const first = unitSpan(unit, shiftDay(reading.today, unit, sign * amount - spread), 0);
  const last = unitSpan(unit, shiftDay(reading.today, unit, sign * amount + spread), 0);
  return { from: first.from, to: last.to, certain: !vague };
};

/** "3 days ago", "a fortnight ago", "two weeks from now", "in three days". */
export const countedAway: Rule = (reading, at) => {
  const ahead = wordAt(reading, at) === "in";
  const amount = amountAt(reading.tokens, ahead ? at + 1 : at);
  const unit = amount === null ? undefined : units.get(wordAt(reading, amount.next));
  if (amount === null || unit === undefined || amount.value === 0) return null;
  const first = wordAt(reading, amount.next + 1);
  const second = wordAt(reading, amount.next + 2);
  const count = amount.value * unit.count;
  if (ahead) {
    if (first === "of" || first === "ago" || unit.unit === "second") return null;
    return { ...away(reading, unit.unit, count, amount.vague, true), certain: false, next: amount.next + 1 };
  }
  if (first === "ago") return { ...away(reading, unit.unit, count, amount.vague, false), next: amount.next + 2 };
  const fromNow = first === "from" && (second === "now" || second === "today");
  return fromNow ? { ...away(reading, unit.unit, count, amount.vague, true), next: amount.next + 3 } : null;
};

const weekdayAt = (reading: Reading, at: number, told: boolean): number | null => {
  const token = reading.tokens[at];
  const full = weekdays.get(token?.word ?? "");
  if (full !== undefined) return full;
  const short = shortWeekdays.get(token?.word ?? "");
  if (short === undefined || token === undefined) return null;
  return reading.loose || (told && token.capital && short < 6) ? short : null;
};

/** The week that "last week", "this week" or "of next week" names at a token. */
const weekAt = (reading: Reading, at: number): { readonly monday: Day; readonly next: number } | null => {
  const start = wordAt(reading, at) === "of" ? at + 1 : at;
  const shift = relativeShift(wordAt(reading, start));
  if (shift === null || wordAt(reading, start + 1) !== "week") return null;
  return { monday: weekStart(reading.today) + 7 * shift, next: start + 2 };
};

/**
 * "last Tuesday", "next Friday", "Monday evening", "Tuesday of last week". Last and next are the nearest day before
 * and after today; some people mean the one of last or next week, so it is certain only where both agree.
 */
export const weekday: Rule = (reading, at, evidence) => {
  const { today } = reading;
  const twice = wordAt(reading, at) === "this" && /^(?:past|coming)$/u.test(wordAt(reading, at + 1));
  const start = twice ? at + 1 : at;
  const shift = relativeShift(wordAt(reading, start));
  const named = weekdayAt(reading, shift === null ? at : start + 1, shift !== null || evidence > 0);
  if (named === null) {
    const week = shift === null ? null : weekAt(reading, at);
    const on = week !== null && wordAt(reading, week.next) === "on" ? 1 : 0;
    const day = week === null ? null : weekdayAt(reading, week.next + on, true);
    return week === null || day === null ? null : dayWithPart(reading, week.monday + day - 1, week.next + on + 1, true);
  }
  const next = (shift === null ? at : start + 1) + 1;
  const back = (weekdayOf(today) - named + 7) % 7;
  const inWeek = weekStart(today) + named - 1;
  if (shift === -1) return dayWithPart(reading, today - (back || 7), next, inWeek - 7 === today - (back || 7));
  if (shift === 0) return dayWithPart(reading, inWeek, next, true);
  if (shift === 1) return dayWithPart(reading, today + 7 - back, next, inWeek + 7 === today + 7 - back);
  const week = weekAt(reading, next);
  if (week !== null) return dayWithPart(reading, week.monday + named - 1, week.next, true);
  return dayWithPart(reading, today - back, next, false);
};

/** The nearest given weekday strictly before or after a day. */
export const nearestWeekday = (day: Day, named: number, after: boolean): Day =>
  after ? day + (((named - weekdayOf(day) + 6) % 7) + 1) : day - (((weekdayOf(day) - named + 6) % 7) + 1);
