/**
 * Civil dates of the proleptic Gregorian calendar as plain numbers. A *day* is a count of days since 1970-01-01; a
 * *local time* is milliseconds since 1970-01-01T00:00 as a wall clock reads them, with no zone in it (`zone.ts` turns
 * it into an instant). Months count from 1.
 */
export type Day = number;
export type LocalMillis = number;

export const dayMillis = 86_400_000;
export const hourMillis = 3_600_000;

/** Months outside 1..12 carry into the year, days outside the month into the month. */
export const dayOf = (year: number, month: number, day: number): Day => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / dayMillis;
};

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export const civilOf = (day: Day): CivilDate => {
  const date = new Date(day * dayMillis);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};

export const daysInMonth = (year: number, month: number): number => dayOf(year, month + 1, 1) - dayOf(year, month, 1);

/** The day, or `null` where the calendar has no such date. */
export const validDay = (year: number, month: number, day: number): Day | null =>
  year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
    ? dayOf(year, month, day)
    : null;

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export const weekdayOf = (day: Day): number => ((((day + 3) % 7) + 7) % 7) + 1;

export const weekStart = (day: Day): Day => day - weekdayOf(day) + 1;

/** Monday of an ISO 8601 week, or `null` where the year has no such week. Week 1 holds 4 January. */
export const isoWeek = (year: number, week: number): Day | null => {
  const first = weekStart(dayOf(year, 1, 4));
  const start = first + 7 * (week - 1);
  return year >= 1 && year <= 9999 && week >= 1 && start < weekStart(dayOf(year + 1, 1, 4)) ? start : null;
};

/** The nth given weekday of a month (n from 1). */
export const nthWeekday = (year: number, month: number, weekday: number, n: number): Day => {
  const first = dayOf(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1);
};

/** Western Easter Sunday: the anonymous Gregorian computus (Meeus, "Astronomical Algorithms", chapter 8). */
export const easter = (year: number): Day => {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const monthAndDay = h + l - 7 * m + 114;
  return dayOf(year, Math.floor(monthAndDay / 31), (monthAndDay % 31) + 1);
};
