/** Dates and times in digits: ISO 8601 and RFC 3339, and the common day/month/year orders. */
import { dayMillis, hourMillis, isoWeek, validDay, type Day } from "./calendar.ts";
import {
  days,
  isCounted,
  monthSpan,
  oneDay,
  yearSpan,
  type Found,
  type Reading,
  type Rule,
  type Span,
} from "./reading.ts";

const full =
  /(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([Zz]|[+-]\d{2}(?::?\d{2})?))?(?![\d:])/uy;
const dayOrNull = (day: Day | null): Span | null => (day === null ? null : oneDay(day));

const readWeek = (year: number, week: number, weekday: number | undefined): Span | null => {
  const monday = isoWeek(year, week);
  if (monday === null) return null;
  return weekday === undefined ? days(monday, monday + 7) : oneDay(monday + weekday - 1);
};

/** Month first, as TribalMemory reads it, unless only the other order is a date. */
const readSlashes = (a: number, b: number, year: number): Span | null =>
  dayOrNull(validDay(year, a, b) ?? validDay(year, b, a));

const forms: readonly (readonly [
  pattern: RegExp,
  read: (parts: readonly number[]) => Span | null,
  certain: boolean,
])[] = [
  [/(\d{4})[-/](\d{2})[-/](\d{2})(?![\w/-])/uy, ([y, m, d]) => dayOrNull(validDay(y ?? 0, m ?? 0, d ?? 0)), true],
  [/(\d{4})-?[Ww](\d{2})(?:-?([1-7]))?(?![\w-])/uy, ([y, w, d]) => readWeek(y ?? 0, w ?? 0, d), true],
  [/(\d{4})-?[Qq]([1-4])(?!\w)/uy, ([y, q]) => (y === 0 ? null : monthSpan(y ?? 0, 3 * (q ?? 1) - 2, 3)), true],
  [/(\d{4})[-/](0[1-9]|1[0-2])(?![\w/-])/uy, ([y, m]) => (y === 0 ? null : monthSpan(y ?? 0, m ?? 1)), true],
  [/(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\w])/uy, ([d, m, y]) => dayOrNull(validDay(y ?? 0, m ?? 0, d ?? 0)), true],
  [/(\d{1,2})\/(\d{1,2})\/(\d{4})(?![\w/])/uy, ([a, b, y]) => readSlashes(a ?? 0, b ?? 0, y ?? 0), false],
  [/(\d{4})年(\d{1,2})月(\d{1,2})[日号]/uy, ([y, m, d]) => dayOrNull(validDay(y ?? 0, m ?? 0, d ?? 0)), true],
  [
    /(\d{4})年(\d{1,2})月/uy,
    ([y, m]) => ((m ?? 0) >= 1 && (m ?? 0) <= 12 && y !== 0 ? monthSpan(y ?? 0, m ?? 1) : null),
    true,
  ],
  [/(\d{4})年/uy, ([y]) => (y === 0 ? null : yearSpan(y ?? 0)), true],
];

const readFull = (reading: Reading, start: number): (Omit<Found, "next"> & { readonly length: number }) | null => {
  full.lastIndex = start;
  const match = full.exec(reading.text);
  if (match === null) return null;
  const [all, year, month, day, hour, minute, second, fraction, offset] = match;
  const date = validDay(Number(year), Number(month), Number(day));
  if (date === null || Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) return null;
  const millis = Math.floor(Number(`0.${fraction ?? 0}`) * 1000);
  const from =
    date * dayMillis + Number(hour) * hourMillis + Number(minute) * 60_000 + Number(second ?? 0) * 1000 + millis;
  const length = second === undefined ? 60_000 : fraction === undefined ? 1000 : 1;
  if (offset === undefined) return { from, to: from + length, certain: true, instant: true, length: all.length };
  const [hours, minutes] = /^[Zz]$/u.test(offset)
    ? [0, 0]
    : [Number(offset.slice(1, 3)), Number(offset.slice(-2)) * (offset.length > 3 ? 1 : 0)];
  if (hours > 23 || minutes > 59) return null;
  const shift = (offset.startsWith("-") ? 1 : -1) * (hours * hourMillis + minutes * 60_000);
  return {
    from: from + shift,
    to: from + shift + length,
    certain: true,
    instant: true,
    absolute: true,
    length: all.length,
  };
};

const tokenAfter = (reading: Reading, at: number, position: number): number => {
  let next = at;
  while (next < reading.tokens.length && (reading.tokens[next]?.start ?? 0) < position) next += 1;
  return next;
};

/** A date in digits. Not where it continues a longer number, version or path. */
export const numericDate: Rule = (reading, at) => {
  const token = reading.tokens[at];
  if (token?.kind !== "digits" || /[\w./:-]/u.test(reading.text.charAt(token.start - 1))) return null;
  const moment = readFull(reading, token.start);
  if (moment !== null) {
    const { length, ...found } = moment;
    return { ...found, next: tokenAfter(reading, at, token.start + length) };
  }
  for (const [pattern, read, certain] of forms) {
    pattern.lastIndex = token.start;
    const match = pattern.exec(reading.text);
    if (match === null) continue;
    const span = read(
      match.slice(1).map((part) => (part === undefined ? undefined : Number(part))) as readonly number[],
    );
    if (span !== null) return { ...span, certain, next: tokenAfter(reading, at, token.start + match[0].length) };
  }
  if (reading.loose && /^\d{8}$/u.test(token.word)) {
    const day = validDay(Number(token.word.slice(0, 4)), Number(token.word.slice(4, 6)), Number(token.word.slice(6)));
    if (day !== null) return { ...oneDay(day), certain: true, next: at + 1 };
  }
  return null;
};

/** A bare year: any of 0001..9999 where the whole text is one, else 1900..2100 after "in", "of" or "during". */
export const bareYear: Rule = (reading, at, evidence) => {
  const token = reading.tokens[at];
  if (token?.kind !== "digits" || token.word.length !== 4) return null;
  const year = Number(token.word);
  if (reading.loose ? year < 1 : evidence === 0 || year < 1900 || year > 2100) return null;
  const before = reading.text.slice(Math.max(0, token.start - 2), token.start);
  if (/[\w.,/:$€£#-]$/u.test(before) && !/\p{L}-$/u.test(before)) return null;
  if (
    /^(?:[\p{L}\p{N}_/:%€$£-]|[.,]\d)/u.test(reading.text.slice(token.end, token.end + 2)) ||
    isCounted(reading, at + 1)
  )
    return null;
  return { ...yearSpan(year), certain: true, next: at + 1 };
};
