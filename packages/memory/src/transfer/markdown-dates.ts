/** Dates that headings, items and file names of notes carry. Only whole days: "May 2024" says too little. */
import type { Millis } from "@cairn/kernel/clock";
import { dayMillis, importTime } from "./import-time.ts";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] as const;
const monthName =
  "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const numbers = /(?<!\d)(\d{4})([-/._])(\d{1,2})\2(\d{1,2})(?!\d)/;
const compact = /(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)/;
const dayFirst = new RegExp(`(?<!\\d)(\\d{1,2})(?:st|nd|rd|th)? (?:of )?${monthName}\\.?,? (\\d{4})(?!\\d)`, "i");
const monthFirst = new RegExp(`\\b${monthName}\\.? (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})(?!\\d)`, "i");
const leading = /^[*_[(]*(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?)(?![\d-])/;

const monthOf = (name: string): number => months.findIndex((month) => name.toLowerCase().startsWith(month)) + 1;

/** UTC midnight of the first day that a heading names, or `null`. */
export const dateInHeading = (text: string): Millis | null => {
  const digits = numbers.exec(text);
  if (digits !== null) return dayMillis(Number(digits[1]), Number(digits[3]), Number(digits[4]));
  const first = dayFirst.exec(text);
  if (first !== null) return dayMillis(Number(first[3]), monthOf(first[2] ?? ""), Number(first[1]));
  const second = monthFirst.exec(text);
  if (second !== null) return dayMillis(Number(second[3]), monthOf(second[1] ?? ""), Number(second[2]));
  return null;
};

/** As `dateInHeading`, and also `20240503`. Folders before the name do not count. */
export const dateInFileName = (path: string): Millis | null => {
  const name = path.split(/[\\/]/).at(-1) ?? "";
  const digits = compact.exec(name);
  const found = dateInHeading(name);
  if (found !== null || digits === null) return found;
  return dayMillis(Number(digits[1]), Number(digits[2]), Number(digits[3]));
};

/** The time that an item begins with, such as `2024-05-03 14:00: …`, taken as UTC, or `null`. */
export const dateAtStart = (text: string): Millis | null => importTime(leading.exec(text)?.[1] ?? null);
