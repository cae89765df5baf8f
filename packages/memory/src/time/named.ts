/** Times with a name: months and dates in them, quarters, halves, seasons, holidays, decades. */
import { civilOf, dayMillis, validDay } from "./calendar.ts";
import {
  days,
  isCounted,
  monthSpan,
  mostRecent,
  oneDay,
  wordAt,
  type Evidence,
  type Found,
  type Reading,
  type Rule,
  type Span,
} from "./reading.ts";
import { ordinalAt } from "./token.ts";
import { doubtfulMonths, holidays, months, seasons, shortMonths } from "./vocabulary.ts";

export const relativeShift = (word: string): -1 | 0 | 1 | null => {
  if (word === "last" || word === "past" || word === "previous") return -1;
  if (word === "this" || word === "current") return 0;
  return word === "next" || word === "coming" || word === "upcoming" ? 1 : null;
};

interface NamedYear {
  readonly year: number;
  readonly next: number;
}

/** "2023", ", 2023", "of 2023", "last year": the year that belongs to what stands before it. */
const yearAt = (reading: Reading, at: number): NamedYear | null => {
  const start = /^(?:,|of|in)$/u.test(wordAt(reading, at)) ? at + 1 : at;
  const token = reading.tokens[start];
  if (token?.kind === "digits" && token.word.length === 4) {
    const year = Number(token.word);
    const glued = /^[\p{L}\p{N}_/:-]|^[.,]\d/u.test(reading.text.slice(token.end, token.end + 2));
    return year >= 1000 && !glued && !isCounted(reading, start + 1) ? { year, next: start + 1 } : null;
  }
  const shift = relativeShift(wordAt(reading, start));
  if (shift === null || wordAt(reading, start + 1) !== "year" || wordAt(reading, at) === ",") return null;
  return { year: civilOf(reading.today).year + shift, next: start + 2 };
};

/** The named time in the year that follows it, else in the latest one not in the future. */
const inSomeYear = (
  reading: Reading,
  next: number,
  inYear: (year: number) => Span | null,
  certain = true,
): Found | null => {
  const named = yearAt(reading, next);
  if (named !== null) {
    const span = inYear(named.year);
    return span === null ? null : { ...span, certain, next: named.next };
  }
  const span = mostRecent(reading, inYear);
  return span === null ? null : { ...span, certain: false, next, inYear };
};

/** "last", "this" or "next" before the named time. `last` is the latest that ended before today, `next` the first to come. */
const inShiftedYear = (
  reading: Reading,
  next: number,
  shift: number,
  inYear: (year: number) => Span | null,
): Found | null => {
  const { year } = civilOf(reading.today);
  const today = reading.today * dayMillis;
  const years = shift < 0 ? [year, year - 1, year - 2] : shift > 0 ? [year - 1, year, year + 1, year + 2] : [year];
  for (const candidate of years) {
    const span = inYear(candidate);
    if (span === null || (shift < 0 && span.to > today) || (shift > 0 && span.from <= today)) continue;
    return { ...span, certain: false, next };
  }
  return null;
};

interface MonthName {
  readonly month: number;
  readonly next: number;
  readonly doubtful: boolean;
}

const monthAt = (reading: Reading, at: number): MonthName | null => {
  const token = reading.tokens[at];
  if (token === undefined) return null;
  const month = months.get(token.word);
  if (month !== undefined) return { month, next: at + 1, doubtful: doubtfulMonths.has(token.word) && !token.capital };
  const short = shortMonths.get(token.word);
  if (short === undefined) return null;
  return { month: short, next: wordAt(reading, at + 1) === "." ? at + 2 : at + 1, doubtful: !token.capital };
};

const dayNumberAt = (reading: Reading, at: number) => {
  const ordinal = ordinalAt(reading.tokens, at);
  if (ordinal !== null) return { ...ordinal, ordinal: true };
  const token = reading.tokens[at];
  const plain =
    token?.kind === "digits" &&
    token.word.length <= 2 &&
    !/^(?:[:.]\d|,\d(?!\d{3}))/u.test(reading.text.slice(token.end, token.end + 5));
  return plain && Number(token.word) >= 1 && Number(token.word) <= 31
    ? { value: Number(token.word), next: at + 1, ordinal: false }
    : null;
};

const dash = /^(?:-|–|—)$/u;

const datesInMonth =
  (month: number, first: number, last: number) =>
  (year: number): Span | null => {
    const from = validDay(year, month, first);
    const to = validDay(year, month, last);
    return from === null || to === null || to < from ? null : days(from, to + 1);
  };

/** "5 May 2023", "the 5th of May", "5-7 May". */
export const dayThenMonth: Rule = (reading, at, evidence) => {
  const start = wordAt(reading, at) === "the" ? at + 1 : at;
  const first = dayNumberAt(reading, start);
  if (first === null || /[\w.,/:-]/u.test(reading.text.charAt((reading.tokens[start]?.start ?? 0) - 1))) return null;
  const second = dash.test(wordAt(reading, first.next)) ? dayNumberAt(reading, first.next + 1) : null;
  const of = wordAt(reading, second?.next ?? first.next) === "of";
  const month = monthAt(reading, (second?.next ?? first.next) + (of ? 1 : 0));
  if (month === null) return null;
  if (!first.ordinal && reading.tokens[start]?.kind === "word") return null;
  const sure =
    !month.doubtful || first.ordinal || evidence > 0 || reading.loose || yearAt(reading, month.next) !== null;
  return sure
    ? inSomeYear(reading, month.next, datesInMonth(month.month, first.value, second?.value ?? first.value))
    : null;
};

/** "May 5th", "May 5, 2023", "May 5-7". */
export const monthThenDay: Rule = (reading, at, evidence) => {
  const month = monthAt(reading, at);
  if (month === null) return null;
  const start = wordAt(reading, month.next) === "the" ? month.next + 1 : month.next;
  const first = dayNumberAt(reading, start);
  if (first === null || (reading.tokens[start]?.kind === "word" && start === month.next)) return null;
  const second = dash.test(wordAt(reading, first.next)) ? dayNumberAt(reading, first.next + 1) : null;
  const next = second?.next ?? first.next;
  const year = yearAt(reading, next);
  if (isCounted(reading, next) && year === null) return null;
  const sure = !month.doubtful || first.ordinal || evidence === 2 || reading.loose || year !== null;
  return sure ? inSomeYear(reading, next, datesInMonth(month.month, first.value, second?.value ?? first.value)) : null;
};

/** "May 2023", "March last year", "last March", and a bare month where the words before speak for it. */
export const monthAlone: Rule = (reading, at, evidence) => {
  const shift = relativeShift(wordAt(reading, at));
  const month = monthAt(reading, shift === null ? at : at + 1);
  if (month === null) return null;
  const inYear = (year: number): Span => monthSpan(year, month.month);
  if (shift !== null) {
    const token = reading.tokens[at + 1];
    return token?.capital === true || (shift !== 0 && !shortMonths.has(token?.word ?? "")) || reading.loose
      ? inShiftedYear(reading, month.next, shift, inYear)
      : null;
  }
  const dated = yearAt(reading, month.next);
  if (dated === null && (wordAt(reading, at - 1) === "on" || dayNumberAt(reading, month.next) !== null)) return null;
  const full = months.has(wordAt(reading, at));
  const known = full && !doubtfulMonths.has(wordAt(reading, at));
  const told = evidence === 2 || (evidence === 1 && !month.doubtful);
  return dated !== null || told || known || reading.loose ? inSomeYear(reading, month.next, inYear) : null;
};

const ordinalPart = (
  reading: Reading,
  at: number,
): { readonly months: number; readonly part: number; readonly next: number } | null => {
  const token = reading.tokens[at];
  const after = reading.tokens[at + 1];
  if ((token?.word === "q" || token?.word === "h") && after?.kind === "digits" && after.start === token.fullEnd) {
    const part = Number(after.word);
    const length = token.word === "q" ? 3 : 6;
    const sure = token.capital || reading.loose || yearAt(reading, at + 2) !== null;
    return sure && part >= 1 && part * length <= 12 ? { months: length, part, next: at + 2 } : null;
  }
  const start = token?.word === "the" ? at + 1 : at;
  const ordinal = ordinalAt(reading.tokens, start);
  const noun = ordinal === null ? "" : wordAt(reading, ordinal.next);
  if (ordinal === null || (noun !== "quarter" && noun !== "half")) return null;
  const length = noun === "quarter" ? 3 : 6;
  const dated = yearAt(reading, ordinal.next + 1) !== null;
  return dated && ordinal.value * length <= 12 ? { months: length, part: ordinal.value, next: ordinal.next + 1 } : null;
};

/** "Q3 2024", "H1", "the third quarter of 2024". */
export const partOfYear: Rule = (reading, at) => {
  const found = ordinalPart(reading, at);
  if (found === null) return null;
  return inSomeYear(reading, found.next, (year) => monthSpan(year, found.months * (found.part - 1) + 1, found.months));
};

/** "last summer", "in the fall", "summer of 2023"; northern, whole months. The word alone is no time. */
export const season: Rule = (reading, at, evidence) => {
  const shift = relativeShift(wordAt(reading, at));
  const article = wordAt(reading, at) === "the";
  const start = shift === null && !article ? at : at + 1;
  const month = seasons.get(wordAt(reading, start));
  if (month === undefined) return null;
  const inYear = (year: number): Span => monthSpan(year, month, 3);
  if (shift !== null) {
    const found = inShiftedYear(reading, start + 1, shift, inYear);
    return found ?? null;
  }
  const named = yearAt(reading, start + 1);
  const told =
    evidence === 2 && (article || reading.tokens[start]?.capital !== true) && wordAt(reading, start + 1) !== "of";
  return named !== null || told || reading.loose ? inSomeYear(reading, start + 1, inYear, false) : null;
};

const holidayGoods = /^(?:eggs?|bunn(?:y|ies)|trees?|cards?|carols?|pudding|lights|sweaters?|resolutions?)$/u;

/** "Christmas", "last Thanksgiving", "Easter 2023". */
export const holiday: Rule = (reading, at) => {
  const shift = relativeShift(wordAt(reading, at));
  const start = shift === null ? at : at + 1;
  for (const { words, day } of holidays) {
    const fits = words.every((word, index) => {
      const token = reading.tokens[start + index];
      return token !== undefined && (token.word === word || (token.fullEnd > token.end && `${token.word}s` === word));
    });
    if (!fits) continue;
    const next = start + words.length;
    if (holidayGoods.test(wordAt(reading, next))) return null;
    const inYear = (year: number): Span => oneDay(day(year));
    return shift === null ? inSomeYear(reading, next, inYear) : inShiftedYear(reading, next, shift, inYear);
  }
  return null;
};

/** "the 1990s", "the 90s". */
export const decade: Rule = (reading, at) => {
  const start = wordAt(reading, at) === "the" ? at + 1 : at;
  const quote = /^['’]$/u.test(wordAt(reading, start)) ? start + 1 : start;
  const token = reading.tokens[quote];
  const s = reading.tokens[quote + 1];
  if (token?.kind !== "digits" || s?.word !== "s" || s.start !== token.end || !token.word.endsWith("0")) return null;
  const year = Number(token.word);
  if (token.word.length === 4 && year >= 1000 && year <= 2100) {
    return { ...monthSpan(year, 1, 120), certain: true, next: quote + 2 };
  }
  if (token.word.length !== 2 || start === at) return null;
  const century = 100 * Math.floor(civilOf(reading.today).year / 100);
  const first = century + year <= civilOf(reading.today).year ? century + year : century - 100 + year;
  return { ...monthSpan(first, 1, 120), certain: false, next: quote + 2 };
};

/** "the 5th", where a preposition stands before and no noun behind. */
export const dayOfMonth: Rule = (reading, at, evidence: Evidence) => {
  if (evidence === 0 || wordAt(reading, at) !== "the") return null;
  const ordinal = ordinalAt(reading.tokens, at + 1);
  if (ordinal === null || reading.tokens[at + 1]?.kind !== "digits") return null;
  const after = reading.tokens[ordinal.next];
  if (
    after?.kind === "word" &&
    !/^(?:and|or|at|in|we|i|he|she|they|you|did|was|were|when|with|to|for|about)$/u.test(after.word)
  )
    return null;
  const { year, month } = civilOf(reading.today);
  for (let back = 0; back < 12; back += 1) {
    const shifted = civilOf(monthSpan(year, month - back).from / dayMillis);
    const day = validDay(shifted.year, shifted.month, ordinal.value);
    if (day !== null && day <= reading.today) return { ...oneDay(day), certain: false, next: ordinal.next };
  }
  return null;
};
