/**
 * Claims that a text makes about an attribute of an entity, and whether two of them contradict (MEM-12). Only plain
 * statements in the present count: no questions, conditions, wishes, reports of what was. A claim missed costs a
 * hint; a contradiction invented costs trust, so doubtful sentences make no claim.
 */
import { commonWords } from "../entity/common-words.ts";
import { normalizeEntity } from "../entity/normalize.ts";
import { attributeNames, claimPatterns, keyValueLine, manyValued, remarks, singleValued } from "./claim-patterns.ts";

export interface Claim {
  /** Normalised name; "user" for "I" and "my" where the author is not known. */
  readonly entity: string;
  readonly attribute: string;
  /** Normalised. */
  readonly value: string;
  readonly negated: boolean;
}

export const claimLimits = { characters: 20_000, sentence: 300, claims: 64 } as const;

const doubtful =
  /[?]|\b(?:if|unless|when|maybe|perhaps|might|could|would|should|was|were|will|used to|wants? to|wish|hope|hopes|think|thinks|said|says|told|asked|believes?|probably|possibly|suppose|either|because|until|before|after|once|sometimes|often|usually)\b/iu;
const notEntities =
  /^(?:it|this|that|these|those|there|here|he|she|they|we|you|one|who|which|what|how|everyone|someone|anyone|nobody|nothing|something|everything|people|and|but|or|so|then|also|always|never|not|let|please|of|in|on|at|to|for|with|by|from)\b|\b(?:and|or|that|which|who|but|is|are|has|have|do|does|did|not|to|of|for|than)$|\b(?:does|doesn['’]t|don['’]t|is|are|and|or|that|which)\b/u;
const notAttributes =
  /^(?:it|this|that|thing|point|problem|issue|question|answer|reason|fact|idea|way|only|one|best|worst|rest|same|first|last|next|plan|advice|guess|opinion)$|\b(?:and|or|but|that|which|who|of|to|in|on|at|with|not|never)\b/u;
const tail =
  /(?:,| -| –| —|;)? (?:and|but|because|since|so|for now|now|right now|currently|these days|at the moment|as of now|anymore|any more|as well|too|today|instead|with|while|where|which|who)(?: .*)?$|, .*$|[;(].*$/u;

const clean = (value: string, attribute: string): string => {
  let text = value.trim();
  if (attribute === "residence" || attribute === "employer" || attribute === "manager")
    text = text.replace(/^(?:in|at|for|near|on|to|with) /iu, "");
  const lower = normalizeEntity(text.replace(/[.!,;:\s]{1,20}$/u, ""));
  const short = lower.replace(tail, "").replace(/^(?:an?|the|to use|using) /u, "");
  return short
    .replace(/^["'“‘`]|["'”’`]$/gu, "")
    .replace(/(?<=\d),(?=\d{3}(?!\d))/gu, "")
    .trim();
};

const attributeOf = (name: string): string => {
  const plain = normalizeEntity(name)
    .replaceAll("_", " ")
    .replace(/favourite/gu, "favorite")
    .replace(/colour/gu, "color")
    .replace(/^(?:current|new|main|primary|default|preferred) /u, "");
  return attributeNames.get(plain) ?? plain;
};

/** Capitals on every word, "the" before it, or the form of an identifier: what else opens a sentence is seldom a name. */
const looksNamed = (name: string): boolean =>
  /^the /iu.test(name) ||
  /^[\p{L}\p{N}]+[-_.@/\d][\p{L}\p{N}]/u.test(name) ||
  (name.split(" ").every((word) => /^[\p{Lu}\p{Lo}]/u.test(word)) &&
    !/^\p{Lu}\p{L}*(?:ing|ly)$/u.test(name) &&
    !commonWords.has(name.toLowerCase())) ||
  /^(?:i|user)$/iu.test(name);

const entityOf = (name: string | undefined, mine: boolean, author: string, free = false): string | null => {
  const self = author === "" ? "user" : normalizeEntity(author);
  if (mine) return self;
  const plain = normalizeEntity(name ?? "");
  if (plain === "user") return "user";
  if (plain === "i" || plain === "me") return self;
  if (plain === "" || notEntities.test(plain) || (!free && !looksNamed((name ?? "").trim()))) return null;
  return /\b(?:my|our|your|his|her|their|i|you|we|they)\b|'(?:d|ll|ve|re|m|s)$/u.test(plain) ? null : plain;
};

/** What is liked or used must be a thing: "likes it", "sounds like you" claim nothing that could be contradicted. */
const notThings =
  /^(?:it|this|that|these|those|them|you|him|her|me|us|how|what|when|why|who|where|your|their|thought|idea|lot|being|to see|to hear|to just|to be|to have|make|makes)\b|^going to\b/u;

const read = (sentence: string, author: string): Claim | null => {
  for (const { pattern, attribute, free, opening } of claimPatterns) {
    const groups = pattern.exec(sentence)?.groups;
    if (groups === undefined) continue;
    const name = attribute ?? attributeOf(groups["attribute"] ?? "");
    const entity = entityOf(groups["entity"], groups["mine"] !== undefined, author, free === true);
    const raw = groups["value"] ?? "";
    if (entity === null || opening?.test(raw) === false || name === "" || notAttributes.test(name)) continue;
    const later = /^(?:not |no longer |n['’]t )/iu.exec(raw);
    const value = clean(later === null ? raw : raw.slice(later[0].length), name);
    if (value === "" || value.length > 100 || notThings.test(value)) continue;
    const negated = (groups["not"] !== undefined || later !== null) !== (groups["opposite"] !== undefined);
    return { entity, attribute: name, value, negated };
  }
  return null;
};

const readLine = (line: string, author: string): Claim | null => {
  const groups = keyValueLine.exec(line)?.groups;
  if (groups === undefined) return null;
  const name = attributeOf(groups["attribute"] ?? "");
  if (remarks.test(name) || notAttributes.test(name)) return null;
  const named = groups["entity"];
  const entity =
    named === undefined ? (author === "" ? "user" : normalizeEntity(author)) : entityOf(named, false, author);
  const value = clean(groups["value"] ?? "", name);
  return entity === null || value === "" || value.split(" ").length > 6
    ? null
    : { entity, attribute: name, value, negated: false };
};

/** Clauses with their own subject: "I live in Berlin and I work at Acme". */
const clauses = (sentence: string): readonly string[] =>
  sentence.split(/,? (?:and|but) (?=(?:I|my|My|the|The)\b|\p{Lu})/u);

/** Claims of the first 20,000 characters, at most 64; sentences of over 300 characters make none. */
export const attributeClaims = (
  content: string,
  options: { readonly author?: string | null } = {},
): readonly Claim[] => {
  const author = options.author?.trim() ?? "";
  const found = new Map<string, Claim>();
  const lines = content
    .slice(0, claimLimits.characters)
    .replace(/’/gu, "'")
    .replace(/\bI'm\b/gu, "I am")
    .split(/\n/u);
  for (const line of lines) {
    const trimmed = line.trim();
    const keyed = trimmed.length <= claimLimits.sentence ? readLine(trimmed, author) : null;
    const sentences = keyed === null ? trimmed.split(/(?<=[.!?;])\s+/u) : [];
    const spoken = sentences
      .filter(
        (sentence) => sentence.length <= claimLimits.sentence && !doubtful.test(sentence) && !/\bmay\b/u.test(sentence),
      )
      .flatMap((sentence) => clauses(sentence.replace(/[.!;]{1,20}$/u, "")))
      .map((clause) => read(clause.trim(), author));
    for (const claim of keyed === null ? spoken : [keyed]) {
      if (claim === null || found.size >= claimLimits.claims) continue;
      found.set(`${claim.entity}\u0000${claim.attribute}\u0000${claim.value}\u0000${claim.negated}`, claim);
    }
  }
  return [...found.values()];
};

/** Whether an entity has one value of the attribute at a time, such as an age or a favourite colour. */
export const holdsOneValue = (attribute: string): boolean =>
  attribute.startsWith("favorite ") || singleValued.test(attribute) || !manyValued.test(attribute);

/** "dark mode" and "light mode", "tabs over spaces" and "spaces over tabs": preferences about one thing. */
const rivalPreferences = (a: string, b: string): boolean => {
  const [left, right] = [a.split(" over "), b.split(" over ")];
  if (left.length === 2 && right.length === 2) return left[0] === right[1] && left[1] === right[0];
  if (left.length === 2 || right.length === 2) {
    const [pair, single] = left.length === 2 ? [left, b] : [right, a];
    return pair[1] === single;
  }
  const [words, others] = [a.split(" "), b.split(" ")];
  return words.length > 1 && words.length === others.length && words.at(-1) === others.at(-1) && words[0] !== others[0];
};

/**
 * Whether both cannot be true at one time: the same value affirmed and denied, or two values of an attribute that
 * holds one. Values of which one is only more exact ("berlin", "berlin, germany") do not contradict. Symmetric.
 */
export const contradicts = (a: Claim, b: Claim): boolean => {
  if (a.entity !== b.entity || a.attribute !== b.attribute) return false;
  if (a.value === b.value) return a.negated !== b.negated;
  if (a.negated || b.negated) return false;
  if (a.attribute === "preference") return rivalPreferences(a.value, b.value);
  if (!holdsOneValue(a.attribute)) return false;
  const [short, long] = a.value.length < b.value.length ? [a.value, b.value] : [b.value, a.value];
  return !` ${long} `.includes(` ${short} `);
};
