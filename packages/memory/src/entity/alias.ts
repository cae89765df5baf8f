/** Different names of one entity in one text: "Robert (Bob)", "X, also known as Y", "Ann" after "Ann Smith". */
import type { EntityType, Mention } from "./entity.ts";
import { technologyAliases } from "./known-technology.ts";
import { normalizeEntity } from "./normalize.ts";

export interface Grouped {
  readonly name: string;
  readonly normalized: string;
  readonly type: EntityType;
  readonly aliases: readonly string[];
}

export interface Groups {
  /** In the order of the text. */
  readonly entities: readonly Grouped[];
  /** The entity of every normalised name, aliases included. */
  readonly byName: ReadonlyMap<string, Grouped>;
}

const between =
  /^\s*(?:\(\s*|,?\s*(?:\(\s*)?(?:aka|a\.k\.a\.|also (?:known|called) as|also called|better known as|known as|formerly|nicknamed|short for)\s+["“'‘]?)$/iu;
const quotedNick = /^\s*["“'‘(]\s*$/u;

const initials = (name: string): string =>
  name
    .split(/[\s-]+/u)
    .map((word) => (/^(?:of|and|the|for|de)$/u.test(word) ? "" : word.charAt(0)))
    .join("")
    .toLowerCase();

const isAliasPair = (content: string, left: Mention, right: Mention): boolean => {
  if (right.start - left.end > 40 || right.start < left.end) return false;
  const gap = content.slice(left.end, right.start);
  const after = content.charAt(right.end);
  if (between.test(gap)) {
    const bracket = gap.includes("(") && !/[a-z]/iu.test(gap);
    if (!bracket) return true;
    const alike = left.type === right.type || initials(left.name) === normalizeEntity(right.name);
    return after === ")" && alike;
  }
  return quotedNick.test(gap) && /["”'’)]/u.test(after) && left.type === "person" && right.type === "person";
};

const isPartOf = (short: Mention, long: Mention): boolean => {
  if (short.type !== "person" && short.type !== "other") return false;
  const parts = normalizeEntity(long.name).split(" ");
  return (
    long.type === "person" &&
    parts.length > 1 &&
    (parts[0] === normalizeEntity(short.name) || parts.at(-1) === normalizeEntity(short.name))
  );
};

const better: Readonly<Record<EntityType, number>> = {
  other: 0,
  identifier: 1,
  organization: 2,
  place: 2,
  project: 2,
  technology: 2,
  person: 3,
  service: 3,
  file: 3,
  url: 3,
  date: 3,
};

/** One entity for every name and its aliases. Mentions come in the order of the text; at most so many are kept. */
export const groupMentions = (content: string, mentions: readonly Mention[], most: number): Groups => {
  const parent = new Map<string, string>();
  const first = new Map<string, Mention>();
  for (const mention of mentions) {
    const key = normalizeEntity(mention.name);
    if (key === "") continue;
    const known = first.get(key);
    if (known === undefined) {
      if (first.size >= most) continue;
      parent.set(key, key);
      first.set(key, mention);
    } else if (better[mention.type] > better[known.type]) first.set(key, { ...known, type: mention.type });
  }
  const root = (key: string): string => {
    let at = key;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  const merge = (left: string, right: string): void => {
    if (parent.has(left) && parent.has(right) && root(left) !== root(right)) parent.set(root(right), root(left));
  };
  mentions.forEach((mention, index) => {
    const next = mentions[index + 1];
    if (next === undefined || !isAliasPair(content, mention, next)) return;
    merge(normalizeEntity(mention.name), normalizeEntity(next.name));
    const surname = mentions[index + 2];
    const nick =
      surname !== undefined && mention.type === "person" && /^["”'’)] $/u.test(content.slice(next.end, surname.start));
    if (nick && !surname.name.includes(" ")) merge(normalizeEntity(mention.name), normalizeEntity(surname.name));
  });
  const unique = [...first.entries()];
  for (const [key, short] of unique) {
    if (key.includes(" ")) continue;
    const full = unique.filter(([, long]) => isPartOf(short, long));
    const [only] = full;
    if (only !== undefined && full.length === 1) merge(only[0], key);
  }
  const members = new Map<string, (readonly [key: string, mention: Mention])[]>();
  for (const [key, mention] of unique) members.set(root(key), [...(members.get(root(key)) ?? []), [key, mention]]);
  const entities: Grouped[] = [];
  const byName = new Map<string, Grouped>();
  for (const [main, all] of members) {
    const mention = first.get(main);
    if (mention === undefined) continue;
    const type = all.reduce((best, [, { type: other }]) => (better[other] > better[best] ? other : best), mention.type);
    const known = technologyAliases.get(main);
    const aliases = all.filter(([key]) => key !== main).map(([, { name }]) => name);
    const full =
      known !== undefined && !aliases.includes(known) && normalizeEntity(known) !== main
        ? [...aliases, known]
        : aliases;
    const entity = { name: mention.name, normalized: main, type, aliases: full };
    entities.push(entity);
    for (const [key] of all) byName.set(key, entity);
  }
  return { entities, byName };
};
