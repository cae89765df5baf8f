/**
 * Which words a time can begin with. Reading a phrase tries some thirty rules at a token; most tokens of a text can
 * begin none, and asking that first makes reading a text ten times faster.
 */
import type { Token } from "./token.ts";
import {
  dayParts,
  holidays,
  months,
  numberWords,
  ordinalWords,
  seasons,
  shortMonths,
  shortWeekdays,
  units,
  weekdays,
} from "./vocabulary.ts";

const relations = `
  now today tonight tomorrow yesterday ago last past previous this current next coming upcoming the a an one in during
  since until till within throughout on of for from by at over around about before after through between prior early mid
  late earlier later beginning start end middle couple few several some half q h new year week weekend month quarter day
  noon midnight overnight recently just exactly nearly almost roughly approximately every each all
`;

const words: ReadonlySet<string> = new Set([
  ...relations.split(/\s+/u),
  ...[months, shortMonths, weekdays, shortWeekdays, numberWords, ordinalWords, units, seasons, dayParts].flatMap(
    (map) => [...map.keys()],
  ),
  ...[...months.keys(), ...weekdays.keys(), ...dayParts.keys(), ...seasons.keys()].map((word) => `${word}s`),
  ...holidays.flatMap((holiday) => holiday.words[0] ?? []),
]);

export const mayBegin = ({ kind, word }: Token): boolean =>
  kind !== "word" ||
  words.has(word) ||
  (word.endsWith("s") && words.has(word.slice(0, -1))) ||
  words.has(`${word}s`) ||
  /\d/u.test(word);
