/** English words of time. All lower case. */
import { dayOf, easter, nthWeekday, type Day } from "./calendar.ts";

export const monthNames = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
] as const;

const weekdayNames = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

const numbered = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, index) => [name, index + 1] as const));

export const months = numbered(monthNames);
export const shortMonths: ReadonlyMap<string, number> = new Map([
  ...monthNames.filter((name) => name !== "may").map((name) => [name.slice(0, 3), months.get(name) ?? 0] as const),
  ["sept", 9],
]);
/** Months whose names are ordinary words or people; alone they need more evidence than the others. */
export const doubtfulMonths: ReadonlySet<string> = new Set(["march", "may", "april", "june", "august"]);

export const weekdays = numbered(weekdayNames);
export const shortWeekdays: ReadonlyMap<string, number> = new Map([
  ...weekdayNames.map((name, index) => [name.slice(0, 3), index + 1] as const),
  ["tues", 2],
  ["thur", 4],
  ["thurs", 4],
]);

const smallNumbers =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
const smallOrdinals =
  "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth";

export const numberWords: ReadonlyMap<string, number> = new Map([
  ...smallNumbers.split(" ").map((word, value) => [word, value] as const),
  ...["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"].map(
    (word, index) => [word, 20 + 10 * index] as const,
  ),
]);
export const ordinalWords: ReadonlyMap<string, number> = new Map([
  ...numbered(smallOrdinals.split(" ")),
  ["thirtieth", 30],
]);

export type Unit = "second" | "minute" | "hour" | "day" | "week" | "weekend" | "month" | "quarter" | "year" | "decade";

const unitNames: readonly Unit[] = [
  "second",
  "minute",
  "hour",
  "day",
  "week",
  "weekend",
  "month",
  "quarter",
  "year",
  "decade",
];

export interface UnitWord {
  readonly unit: Unit;
  /** How many of the unit one such word stands for: a fortnight is two weeks. */
  readonly count: number;
  readonly plural: boolean;
}

const unitWord = (word: string, unit: Unit, count: number, plural: boolean): readonly [string, UnitWord] => [
  word,
  { unit, count, plural },
];

export const units: ReadonlyMap<string, UnitWord> = new Map([
  ...unitNames.map((unit) => unitWord(unit, unit, 1, false)),
  ...unitNames.map((unit) => unitWord(`${unit}s`, unit, 1, true)),
  unitWord("fortnight", "week", 2, false),
  unitWord("fortnights", "week", 2, true),
  unitWord("nights", "day", 1, true),
]);

/** Hours from midnight; a night runs into the next day. */
export const dayParts: ReadonlyMap<string, readonly [from: number, to: number]> = new Map([
  ["morning", [5, 12]],
  ["noon", [11, 14]],
  ["lunchtime", [11, 14]],
  ["afternoon", [12, 18]],
  ["evening", [17, 24]],
  ["night", [18, 30]],
]);

/** First month of three, northern hemisphere (meteorological seasons). */
export const seasons: ReadonlyMap<string, number> = new Map([
  ["spring", 3],
  ["summer", 6],
  ["autumn", 9],
  ["fall", 9],
  ["winter", 12],
]);

export interface Holiday {
  readonly words: readonly string[];
  readonly day: (year: number) => Day;
}

const fixed = (month: number, day: number) => (year: number) => dayOf(year, month, day);
const holiday = (text: string, day: (year: number) => Day): Holiday => ({ words: text.split(" "), day });

/** Longer names before shorter ones that begin alike. Apostrophes are left out. */
export const holidays: readonly Holiday[] = [
  holiday("christmas eve", fixed(12, 24)),
  holiday("christmas day", fixed(12, 25)),
  holiday("christmas", fixed(12, 25)),
  holiday("xmas", fixed(12, 25)),
  holiday("boxing day", fixed(12, 26)),
  holiday("new years eve", fixed(12, 31)),
  holiday("new years day", fixed(1, 1)),
  holiday("new years", fixed(1, 1)),
  holiday("new year", fixed(1, 1)),
  holiday("halloween", fixed(10, 31)),
  holiday("valentines day", fixed(2, 14)),
  holiday("valentines", fixed(2, 14)),
  holiday("good friday", (year) => easter(year) - 2),
  holiday("easter monday", (year) => easter(year) + 1),
  holiday("easter sunday", easter),
  holiday("easter", easter),
  holiday("thanksgiving day", (year) => nthWeekday(year, 11, 4, 4)),
  holiday("thanksgiving", (year) => nthWeekday(year, 11, 4, 4)),
  holiday("independence day", fixed(7, 4)),
  holiday("fourth of july", fixed(7, 4)),
];
