/** Word lists for `marks.ts`: English words that carry no fact, or that turn one fact into another. */

const list = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/u));

/** Dropped when two texts are compared: leaving one out, or adding one, does not change what is said. */
export const emptyWords = list(`
  a an the this that these those of in on at as and is are am be been being do does which who whom
  so it its s re ve m really very just also actually basically simply definitely indeed quite
  please hey hi hello ok okay oh note remember fyi btw currently
`);

/** Kept, because each turns, bounds, dates or directs a statement. The polarity of ordinary verbs is in `polarWords`. */
export const turningWords = list(`
  not never no nor none nobody nothing nowhere neither cannot without except unless until hardly barely rarely seldom
  if only or but either both some most few many much several more less fewer least any all every each
  was were did had will would shall should can could may might must ought
  before after above below over under between from by since against up down off out into onto through via during while
  to for with here there too than instead rather again still yet already now then always sometimes often usually ever
  yes true false left right
`);

/** Pairs such as like/dislike: the same sentence with the other word says the opposite. */
export const polarWords = list(`
  like dislike love hate enjoy detest prefer avoid enable disable increase decrease allow deny permit forbid start stop
  begin end open close opened closed accept reject approve decline buy sell add remove install uninstall
  include exclude pass fail win lose gain agree disagree
  correct incorrect valid invalid safe unsafe able unable possible impossible legal illegal
  public private first last best worst good bad high low
`);

/** Who is spoken of; the value is the person, so that "I" and "my" agree. */
export const pronouns: ReadonlyMap<string, string> = new Map(
  (
    [
      ["i", "i me my mine myself"],
      ["you", "you your yours yourself yourselves"],
      ["he", "he him his himself"],
      ["she", "she her hers herself"],
      ["we", "we us our ours ourselves"],
      ["they", "they them their theirs themselves"],
    ] as const
  ).flatMap(([person, words]) => words.split(" ").map((word) => [word, person] as const)),
);

export const monthNumbers: ReadonlyMap<string, number> = new Map(
  "january february march april may june july august september october november december"
    .split(" ")
    .flatMap((name, index) => [[name, index + 1] as const, [name.slice(0, 3), index + 1] as const])
    .concat([["sept", 9]]),
);

const units =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
const tens = "twenty thirty forty fifty sixty seventy eighty ninety";
const ordinals =
  "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth";

export const cardinalWords: ReadonlyMap<string, number> = new Map([
  ...units.split(" ").map((word, value) => [word, value] as const),
  ...tens.split(" ").map((word, index) => [word, 20 + 10 * index] as const),
]);

/** Words from "first" to "twentieth", then "thirtieth". */
export const ordinalWords: ReadonlyMap<string, number> = new Map([
  ...ordinals.split(" ").map((word, value) => [word, value] as const),
  ["thirtieth", 30] as const,
]);
