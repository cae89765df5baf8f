/**
 * Entities and relations of a text, from its form alone: no language model, no network, the same answer everywhere
 * (MEM-8). It prefers missing a doubtful name over inventing one, since every name becomes a node of the graph.
 */
import { groupMentions } from "./alias.ts";
import { findCjkNames } from "./cjk.ts";
import { entityLimits, type ExtractedEntity, type ExtractedRelation, type Mention } from "./entity.ts";
import { findLiterals, makeTaken } from "./literal.ts";
import { normalizeEntity } from "./normalize.ts";
import { findNames } from "./proper-name.ts";
import { findRelations } from "./relation.ts";
import { findWords } from "./word.ts";

export interface Extraction {
  readonly entities: readonly ExtractedEntity[];
  readonly relations: readonly ExtractedRelation[];
}

const taste =
  /^(?:\s+(?:also|really|always|still))?\s+(?:prefers?|likes?|loves?|enjoys?|adores?|dislikes?|hates?)\s+(?:(?:to|the|a|an|his|her|their|my|using)\s+)?([\p{L}\p{N}][\p{L}\p{N}-]*(?: [\p{L}\p{N}][\p{L}\p{N}-]*){0,3})/u;
const tasteEnd =
  /\s(?:for|in|on|at|because|and|or|but|when|with|over|to|than|as|while|since|if|so|very|every|during|after|before|most|more|is|are|that|who|from|by|of|the|a|an|it|them|too|even|also|this|these|you|your|we|they|i|he|she|my|our)\b.*$/u;
const notThings =
  /^(?:it|that|this|them|him|her|you|me|us|how|what|when|being|to|going|not|those|these|working|having|everything|something|anything|nothing|everyone|people|someone|of|for|in|on|at|with|from|by|and|your|our|seeing|getting|idea|way|makes?|also|help|helping|all|each|every|time|one|too|even|look|sound|feel)\b/u;

/** "likes hiking": what is liked is seldom capitalised, so it is read off after the verb. */
const tastes = (content: string, mentions: readonly Mention[]): readonly Mention[] =>
  mentions
    .filter(({ type }) => type === "person" || type === "other")
    .flatMap(({ end }, index, all) => {
      const match = taste.exec(content.slice(end, end + 120));
      const name = match?.[1]?.replace(tasteEnd, "") ?? "";
      if (match === null || name.length < 3 || notThings.test(name)) return [];
      const start = end + match[0].length - (match[1]?.length ?? 0);
      const next = all[index + 1];
      if (next !== undefined && next.start < start + name.length && next.end > start) return [];
      return [{ start, end: start + name.length, name, type: "other" as const }];
    });

const self = /(?<![\p{L}\p{N}'’-])(?:I(?=['’](?:m|ve)\s|\s)|[Mm]y(?=\s))/gu;

/** "I" and "my" are the author, where we know who that is. */
const selves = (content: string, author: string): readonly Mention[] =>
  [...content.matchAll(self)].map(({ index, 0: text }) => ({
    start: index,
    end: index + text.length,
    name: author,
    type: "person" as const,
  }));

/** Lets "I'm" and "my manager" read like "Ann is" and "Ann's manager"; keeps every offset that follows in step. */
const spellOut = (
  content: string,
  mentions: readonly Mention[],
): { readonly text: string; readonly mentions: readonly Mention[] } => {
  let text = "";
  let last = 0;
  const moved: Mention[] = [];
  for (const mention of mentions) {
    text += content.slice(last, mention.start);
    const start = text.length;
    const word = content.slice(mention.start, mention.end);
    text += word;
    moved.push({ ...mention, start, end: text.length });
    last = mention.end;
    if (/^my$/iu.test(word)) text += "'s";
    else if (word === "I" && /^['’]m\s/u.test(content.slice(last, last + 3))) {
      text += " is";
      last += 2;
    } else if (word === "I" && /^\sam\s/u.test(content.slice(last, last + 4))) {
      text += " is";
      last += 3;
    }
  }
  return { text: text + content.slice(last), mentions: moved };
};

const byPlace = (a: Mention, b: Mention): number => a.start - b.start || a.end - b.end;

/**
 * Reads the first 20,000 characters and gives at most 64 entities and 64 relations. `author` is who speaks: "I" and
 * "my" then belong to them, and they become an entity when a relation names them.
 */
export const extractEntities = (content: string, options: { readonly author?: string | null } = {}): Extraction => {
  const text = content.slice(0, entityLimits.characters);
  const taken = makeTaken(text.length);
  const literals = findLiterals(text, taken);
  const named = [...literals, ...findCjkNames(text, taken), ...findNames(findWords(text), text, taken)].toSorted(
    byPlace,
  );
  const author = options.author?.trim() ?? "";
  const own = author === "" ? [] : selves(text, author).filter(({ start, end }) => taken.free(start, end));
  const people = [...named, ...own].toSorted(byPlace);
  const mentions = [...people, ...tastes(text, people)].toSorted(byPlace);
  const groups = groupMentions(
    text,
    mentions.filter((mention) => !own.includes(mention)),
    entityLimits.entities,
  );
  const spelled = spellOut(
    text,
    mentions.filter(({ type }) => type !== "date"),
  );
  const relations: ExtractedRelation[] = [];
  const seen = new Set<string>();
  const entities: ExtractedEntity[] = [...groups.entities];
  const nameOf = (name: string): string | null => {
    const known = groups.byName.get(normalizeEntity(name));
    if (known !== undefined) return known.name;
    if (author === "" || name !== author) return null;
    const normalized = normalizeEntity(author);
    const present = entities.find((entity) => entity.normalized === normalized);
    if (present !== undefined) return present.name;
    if (entities.length >= entityLimits.entities || normalized === "") return null;
    entities.push({ name: author, normalized, type: "person", aliases: [] });
    return author;
  };
  for (const { subject, type, object } of findRelations(spelled.text, spelled.mentions, 4 * entityLimits.relations)) {
    if (relations.length >= entityLimits.relations) break;
    const [from, to] = [nameOf(subject), nameOf(object)];
    const key = `${from}\u0000${type}\u0000${to}`;
    if (from === null || to === null || from === to || seen.has(key)) continue;
    seen.add(key);
    relations.push({ subject: from, type, object: to });
  }
  return { entities, relations };
};
