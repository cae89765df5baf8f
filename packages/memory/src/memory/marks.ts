/**
 * What tells two texts apart (MEM-5).
 *
 * Cosine similarity cannot: "the port is 8080" and "the port is 8081" lie closer together than most paraphrases.
 * So a text is read as a sequence of tokens, each either a *mark* (a number, date, name, identifier, negation,
 * direction, modality, polarity or symbol) or an ordinary word, reduced to a plain form; words that carry no fact are
 * dropped. Losing a memory is worse than keeping one twice, so wherever a rule could go both ways it says
 * "different": order counts, and so does every word that is not known to be empty.
 */
import {
  cardinalWords,
  emptyWords,
  monthNumbers,
  ordinalWords,
  polarWords,
  pronouns,
  turningWords,
} from "./mark-words.ts";

export interface MarkToken {
  readonly text: string;
  readonly mark: boolean;
}

/** Scripts written without spaces: every character is its own token. */
const pieces =
  /\p{Nd}+(?:[.,:]\p{Nd}+)*|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]\p{M}*|[[\p{L}\p{M}]--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]]+|[\p{S}%‰#\x26*@]/gv;
const edge = /[\s.,;:!?…"'()[\]{}<>«»“”。！？、，；：「」『』《》（）]/u;
/** Inside a chunk without spaces, these say that it is a path, address, version, handle or name of code. */
const identifierInside = /[\\/_@#=~]|::|\p{L}[.:]\p{L}|\p{L}\d|\d\p{L}|\p{Ll}\p{Lu}|\d\.\d+\.\d|\p{Lu}{2}/u;
const ordinalDigits = /^(\d+)(?:st|nd|rd|th)$/iu;
const isoDate = /^(\d{4})-(\d{2})-(\d{2})$/u;
const thousands = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/u;

const plain = (number: string): string => (thousands.test(number) ? number.replaceAll(",", "") : number);

/** Plural, third person, -ing and British spellings brought together; tense is kept, since "used" is not "uses". */
const reduce = (word: string): string => {
  let stem = word;
  if (stem.length > 3 && stem.endsWith("s") && !/(?:ss|us|is)$/u.test(stem)) {
    stem = stem.endsWith("ies") && stem.length > 4 ? `${stem.slice(0, -3)}y` : stem.slice(0, -1);
  } else if (stem.length > 5 && stem.endsWith("ing")) {
    stem = stem.slice(0, -3).replace(/([bdfgmnprt])\1$/u, "$1");
  }
  stem = stem
    .replace(/isation$/u, "ization")
    .replace(/is(ed?|er|ing)$/u, "iz$1")
    .replace(/([a-z]{2})our(ite|ed|able)?$/u, "$1or$2");
  return stem.length > 3 && /[a-z][a-df-z]e$/u.test(stem) ? stem.slice(0, -1) : stem;
};

/** "n't" and the clitics apart from their verb, curly apostrophes made straight. */
const expand = (text: string): string =>
  text
    .replace(/[\u2018\u2019\u02bc]/gu, "'")
    .replace(/\bcan't\b/giu, "can not")
    .replace(/\bwon't\b/giu, "will not")
    .replace(/\bcannot\b/giu, "can not")
    .replace(/n't\b/giu, " not")
    .replace(/'ll\b/giu, " will");

const trimEdges = (chunk: string): readonly [text: string, asks: boolean, ends: boolean] => {
  let start = 0;
  let end = chunk.length;
  while (start < end && edge.test(chunk.charAt(start))) start += 1;
  while (end > start && edge.test(chunk.charAt(end - 1))) end -= 1;
  const tail = chunk.slice(end);
  return [chunk.slice(start, end), /[?？]/u.test(tail), /[.!?…:。！？]/u.test(tail)];
};

const isCapital = (word: string): boolean => /^\p{Lu}/u.test(word);

interface State {
  readonly tokens: MarkToken[];
  readonly midNames: ReadonlySet<string>;
}

const mark = (text: string): MarkToken => ({ text, mark: true });

/** "twenty" already read and "five" now: one number. */
const pushNumber = (tokens: MarkToken[], value: number, suffix: "" | "."): void => {
  const before = tokens.at(-1)?.text ?? "";
  const joins = /^n:[2-9]0$/u.test(before) && value > 0 && value < 10;
  if (joins) tokens.pop();
  tokens.push(mark(`n:${joins ? Number(before.slice(2)) + value : value}${suffix}`));
};

/** Tokens of plain lower-case words, null for empty ones; most words of a text are among the few that texts repeat. */
const plainTokens = new Map<string, MarkToken | null>();
const plainTokensKept = 20_000;

const tokenOfPlain = (word: string): MarkToken | null => {
  const known = plainTokens.get(word);
  if (known !== undefined) return known;
  const tokens: MarkToken[] = [];
  pushWord({ tokens, midNames: noNames }, word, false);
  const token = tokens[0] ?? null;
  if (plainTokens.size >= plainTokensKept) plainTokens.clear();
  plainTokens.set(word, token);
  return token;
};

const pushWord = ({ tokens, midNames }: State, word: string, initial: boolean): void => {
  const lower = word.toLowerCase();
  const person = pronouns.get(lower);
  const cardinal = cardinalWords.get(lower);
  const ordinal = ordinalWords.get(lower);
  const month = monthNumbers.get(lower);
  if (person !== undefined) tokens.push(mark(`who:${person}`));
  else if (emptyWords.has(lower)) return;
  else if (cardinal !== undefined) pushNumber(tokens, cardinal, "");
  else if (ordinal !== undefined) pushNumber(tokens, ordinal, ".");
  else if (month !== undefined && (isCapital(word) || (lower.length > 3 && lower !== "march")))
    tokens.push(mark(`m:${month}`));
  else if (turningWords.has(lower)) tokens.push(mark(lower));
  else if (isCapital(word) && (!initial || midNames.has(lower))) tokens.push(mark(`p:${lower}`));
  else {
    const stem = reduce(lower);
    const polar = polarWords.has(lower) || polarWords.has(stem) || polarWords.has(`${stem}e`);
    tokens.push({ text: stem, mark: polar });
  }
};

/** Nearly every chunk is a plain word, which none of the other forms can be. */
const plainWord = /^[A-Za-z]?[a-z]+$/;
const lowerWord = /^[a-z]+$/;
const noNames: ReadonlySet<string> = new Set();

const pushChunk = (state: State, text: string, initial: boolean): void => {
  const { tokens } = state;
  if (lowerWord.test(text) && !cardinalWords.has(text)) {
    const token = tokenOfPlain(text);
    if (token !== null) tokens.push(token);
    return;
  }
  if (plainWord.test(text)) return pushWord(state, text, initial);
  const date = isoDate.exec(text);
  const ordinal = ordinalDigits.exec(text);
  if (date !== null) tokens.push(mark(`m:${Number(date[2])}`), mark(`n:${Number(date[3])}`), mark(`n:${date[1]}`));
  else if (ordinal !== null) tokens.push(mark(`n:${ordinal[1]}.`));
  else if (identifierInside.test(text)) tokens.push(mark(`x:${text.replace(/'s$/u, "")}`));
  else {
    const negative = /^-\p{Nd}/u.test(text);
    let first = initial;
    for (const [piece] of text.matchAll(pieces)) {
      if (/^\p{Nd}/u.test(piece)) tokens.push(mark(`n:${negative && first === initial ? "-" : ""}${plain(piece)}`));
      else if (/^\p{L}/u.test(piece)) pushWord(state, piece, first);
      else tokens.push(mark(`s:${piece}`));
      first = false;
    }
  }
};

/** Day, month and year that stand together, in one order: "5 May 2023", "May 5th, 2023" and "2023-05-05" agree. */
const orderDates = (tokens: readonly MarkToken[]): readonly MarkToken[] => {
  const ordered: MarkToken[] = [];
  for (const token of tokens) {
    const before = ordered.at(-1);
    const numeric = /^n:(\d{1,2})\.?$/u.exec(before?.text ?? "");
    const month = token.text.startsWith("m:");
    if (month && before?.mark === true && numeric !== null && Number(numeric[1]) <= 31) {
      ordered.pop();
      ordered.push(token, { text: `n:${Number(numeric[1])}`, mark: true });
    } else if (before?.text.startsWith("m:") === true && /^n:\d{1,2}\.?$/u.test(token.text)) {
      ordered.push({ text: `n:${Number(token.text.slice(2).replace(".", ""))}`, mark: true });
    } else ordered.push(token);
  }
  return ordered;
};

/** The text as tokens, empty words gone. Linear in its length. */
export const markTokens = (content: string): readonly MarkToken[] => {
  const chunks = expand(content.normalize("NFKC").replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/gu, "")).split(/\s+/u);
  const midNames = new Set<string>();
  let initial = true;
  for (const chunk of chunks) {
    const [text, , ends] = trimEdges(chunk);
    const word = text.replace(/'s$/u, "");
    if (!initial && isCapital(word)) midNames.add(word.toLowerCase());
    initial = ends || (initial && text === "");
  }
  const state: State = { tokens: [], midNames };
  initial = true;
  let question = false;
  for (const chunk of chunks) {
    const [text, asks, ends] = trimEdges(chunk);
    if (text !== "") pushChunk(state, text, initial);
    question ||= asks;
    initial = ends || (initial && text === "");
  }
  return question ? [...orderDates(state.tokens), mark("?")] : orderDates(state.tokens);
};

/**
 * Everything in a text whose difference makes two texts different, as one canonical string: equal strings are
 * necessary for two texts to be near duplicates, and not sufficient (`areNearDuplicates` also compares the words).
 */
export const distinguishingMarks = (content: string): string =>
  markTokens(content)
    .filter((token) => token.mark)
    .map((token) => token.text)
    .join("\u001f");
