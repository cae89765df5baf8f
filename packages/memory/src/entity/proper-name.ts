/**
 * Names told by their capitals or by a gazetteer, with a type from what they contain and from what stands around
 * them. A single unknown word at the start of a sentence is a name only with more evidence than its capital.
 */
import { commonWords } from "./common-words.ts";
import type { EntityType, Mention } from "./entity.ts";
import {
  doubtfulNames,
  firstNames,
  organizationEnds,
  organizations,
  placeEnds,
  places,
  titles,
} from "./known-names.ts";
import { certainAtStart, doubtfulTechnologies, genericCapitals, technologies } from "./known-technology.ts";
import type { Taken } from "./literal.ts";
import type { Word } from "./word.ts";

const longestName = 6;
const particles = /^(?:of|de|del|della|da|di|du|van|von|der|den|la|le|el|al|bin|ibn|y|and|the)$/u;
const nameParticles = /^(?:de|del|della|da|di|du|van|von|der|den|la|le|al|bin|ibn)$/u;
const ofHeads =
  /^(?:bank|university|department|ministry|city|house|museum|republic|united|kingdom|isle|gulf|bay|institute|school|college|church|lord|game|call|bureau)$/u;
const organizationHeads = /^(?:bank|university|department|ministry|institute|school|college|church|bureau)$/u;
const timeWords =
  /^(?:january|february|march|april|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tue|wed|thu|fri|sat|sun)$/u;
const skipped =
  /^(?:i|i['’](?:m|ve|ll|d)|мы|я|он|она|они|это|мой|моя|вчера|сегодня|завтра|когда|если|но|и|в|на|το|η|ο|εγώ)$/u;
const personVerbs =
  /^(?:said|says|told|tells|asked|asks|thinks|thought|likes|loves|prefers|enjoys|hates|wants|wanted|works|worked|lives|lived|moved|joined|married|met|visited|recommended|mentioned|suggested|manages|reports|leads|speaks|knows|studies|studied|bought|went|goes|plays|wrote|agreed|decided|replied|graduated|owns)$/u;
const ownVerbs =
  /^(?:uses|depends|connects|talks|calls|stores|handles|runs|replaces|replaced|is|was|has|provides|launched|acquired|released|hired)$/u;

interface Sequence {
  readonly words: readonly Word[];
  readonly next: number;
}

const isKnown = (key: string): boolean => technologies.has(key) || places.has(key) || organizations.has(key);
const keyOf = (words: readonly Word[]): string => words.map(({ lower }) => lower).join(" ");

/** Capitalised words in a row, with particles such as "van" or "of" between them. */
const sequenceAt = (words: readonly Word[], at: number, taken: Taken): Sequence => {
  const found: Word[] = [];
  let next = at;
  for (let index = at; index < words.length && found.length < longestName; index += 1) {
    const word = words[index];
    if (word === undefined || (index > at && (!word.joined || word.initial)) || !taken.free(word.start, word.end))
      break;
    if (skipped.test(word.lower) && !word.upper) break;
    const previous = found.at(-1);
    if (
      previous?.possessive === true ||
      (previous !== undefined && (timeWords.test(word.lower) || timeWords.test(previous.lower)))
    )
      break;
    if (word.capital) {
      found.push(word);
      next = index + 1;
      continue;
    }
    const the = word.lower === "of" && words[index + 1]?.text === "the" ? 1 : 0;
    const follower = words[index + 1 + the];
    const opening = found[0];
    const titled = opening?.initial === false && !firstNames.has(opening.lower);
    const linking =
      nameParticles.test(word.lower) || (word.lower === "of" && (titled || ofHeads.test(opening?.lower ?? "")));
    const linked = follower?.capital === true && follower.joined && found.length > 0 && linking;
    if (!linked) break;
    found.push(...words.slice(index, index + 1 + the));
    index += the;
  }
  while (found.length > 0 && particles.test(found.at(-1)?.text ?? "")) found.pop();
  return { words: found, next };
};

const typeOfKnown = (key: string): EntityType | null => {
  if (technologies.has(key) && !organizations.has(key)) return "technology";
  if (places.has(key)) return "place";
  if (organizations.has(key)) return "organization";
  return technologies.has(key) ? "technology" : null;
};

/** "at Stripe" is the company, "uses Stripe" the service. */
const typeInContext = (key: string, before: string): EntityType | null => {
  if (technologies.has(key) && organizations.has(key))
    return /^(?:at|for|joined|by)$/u.test(before) ? "organization" : "technology";
  return typeOfKnown(key);
};

const typeOf = (sequence: readonly Word[], before: Word | undefined, after: Word | undefined): EntityType => {
  const key = keyOf(sequence);
  const first = sequence[0];
  const last = sequence.at(-1);
  const told = before !== undefined && first?.initial === false ? before.lower : "";
  const known = typeInContext(key, told);
  if (known !== null) return known;
  if (first?.lower === "project" || /^(?:project|repo|repository)$/u.test(after?.lower ?? "")) return "project";
  if (sequence.length > 1 && organizationEnds.has(last?.lower ?? "")) return "organization";
  if (
    sequence.length > 1 &&
    (organizationEnds.has(first?.lower ?? "") || organizationHeads.test(first?.lower ?? "")) &&
    sequence.some(({ lower }) => lower === "of")
  )
    return "organization";
  if (sequence.length > 1 && placeEnds.has(last?.lower ?? "")) return "place";
  if (firstNames.has(first?.lower ?? "") && sequence.length <= 4) return "person";
  if (titles.has(told.replace(".", ""))) return "person";
  if (/^(?:neighborhood|neighbourhood|district|region|village|street|city|airport)$/u.test(after?.lower ?? ""))
    return "place";
  if (sequence.some(({ upper }) => upper)) return "other";
  if (
    last?.possessive === true &&
    /^(?:wife|husband|mother|father|mom|dad|sister|brother|son|daughter|boss|manager|partner|birthday)$/u.test(
      after?.lower ?? "",
    )
  )
    return "person";
  if (after !== undefined && !after.initial && personVerbs.test(after.lower)) return "person";
  if (/^(?:with|met|told|asked|mr|mrs|ms|dr)$/u.test(told) && sequence.length <= 3) return "person";
  if (/^(?:in|near)$/u.test(told)) return "place";
  if (told === "at") return "organization";
  return "other";
};

/** The words of a sentence-initial sequence that belong to the name. */
const withoutOpening = (sequence: readonly Word[], seenLower: ReadonlySet<string>): readonly Word[] => {
  const [first, ...rest] = sequence;
  if (first?.lower === "the") return rest;
  if (first?.initial !== true || isKnown(keyOf(sequence))) return sequence;
  if (first.lower === "project" && rest.length > 0) return sequence;
  const common =
    commonWords.has(first.lower) || skipped.test(first.lower) || seenLower.has(first.lower) || first.text.length < 2;
  if (common && (rest.length > 0 || !isKnown(first.lower))) {
    return firstNames.has(first.lower) && rest.length > 0 && !commonWords.has(first.lower) ? sequence : rest;
  }
  if (rest.length > 0 && !firstNames.has(first.lower) && firstNames.has(rest[0]?.lower ?? "")) return rest;
  return rest.length > 0 && !isKnown(first.lower) && !firstNames.has(first.lower) && isKnown(keyOf(rest))
    ? rest
    : sequence;
};

const isName = (sequence: readonly Word[], after: Word | undefined, seenInside: ReadonlySet<string>): boolean => {
  const [first] = sequence;
  if (first === undefined) return false;
  const key = keyOf(sequence);
  if (timeWords.test(key) || skipped.test(key) || genericCapitals.has(key) || titles.has(key)) return false;
  const known = isKnown(key);
  if (doubtfulTechnologies.has(key) && first.initial && !certainAtStart.has(key)) return false;
  if (known) return key.length > 2 || first.upper || technologies.has(key);
  const person = firstNames.has(first.lower) && !doubtfulNames.has(first.lower);
  if (person) return true;
  if (first.shouting || key.length < 3) return false;
  if (first.upper && sequence.length === 1 && key.length > 6) return false;
  if (sequence.length === 1 && (commonWords.has(key) || /^\d/u.test(key))) return !first.initial && first.upper;
  if (!first.initial || sequence.length > 1) return true;
  if (seenInside.has(first.lower) || /\p{Ll}\p{Lu}|\p{Lu}{2}|\d/u.test(first.text)) return true;
  if (doubtfulNames.has(first.lower)) return after !== undefined && personVerbs.test(after.lower);
  return (
    after !== undefined &&
    !after.initial &&
    (personVerbs.test(after.lower) || ownVerbs.test(after.lower)) &&
    !/(?:ing|ed|ly|tion|ment|s)$/u.test(first.lower)
  );
};

/** The longest lower-case technology at a word. */
const plainTechnology = (words: readonly Word[], at: number): number => {
  for (let length = 3; length >= 1; length -= 1) {
    const slice = words.slice(at, at + length);
    if (slice.length < length || slice.slice(1).some(({ joined }) => !joined)) continue;
    const key = keyOf(slice);
    if (technologies.has(key) && !doubtfulTechnologies.has(key)) return length;
  }
  return 0;
};

export const findNames = (words: readonly Word[], content: string, taken: Taken): readonly Mention[] => {
  const seenLower = new Set(words.filter(({ capital }) => !capital).map(({ lower }) => lower));
  const seenInside = new Set(
    words.filter(({ capital, initial, shouting }) => capital && !initial && !shouting).map(({ lower }) => lower),
  );
  const mentions: Mention[] = [];
  const add = (start: number, end: number, type: EntityType): void => {
    if (!taken.free(start, end)) return;
    taken.take(start, end);
    mentions.push({ start, end, name: content.slice(start, end).replace(/\s+/gu, " "), type });
  };
  for (let at = 0; at < words.length;) {
    const word = words[at];
    if (word === undefined) break;
    const technology = plainTechnology(words, at);
    if (technology > 0 && (technology > 1 || !word.capital) && taken.free(word.start, word.end)) {
      add(word.start, words[at + technology - 1]?.end ?? word.end, "technology");
      at += technology;
      continue;
    }
    if (!word.capital || !taken.free(word.start, word.end)) {
      at += 1;
      continue;
    }
    const { words: all, next } = sequenceAt(words, at, taken);
    const opened = withoutOpening(all, seenLower);
    const titled = opened.length > 1 && titles.has(opened[0]?.lower ?? "");
    const sequence = titled ? opened.slice(1) : opened;
    const [first] = sequence;
    const last = sequence.at(-1);
    const after = words[next];
    if (
      first !== undefined &&
      last !== undefined &&
      (titled || isName(sequence, after, seenInside)) &&
      (!titled || first.text.length > 1)
    ) {
      const before = words[words.indexOf(first, at) - 1];
      add(first.start, last.end, titled ? "person" : typeOf(sequence, before, after));
    }
    at = Math.max(next, at + 1);
  }
  return mentions;
};
