/**
 * Relations from the words between two names of one sentence ("auth-service *uses* PostgreSQL"), lists and shared
 * subjects included ("uses A and B", "works at A and lives in B"). A connective that is not known, or that holds a
 * negation, gives no relation.
 */
import type { EntityType, Mention, RelationType } from "./entity.ts";

export interface FoundRelation {
  readonly subject: string;
  readonly type: RelationType;
  readonly object: string;
}

type Connective = readonly [pattern: RegExp, type: RelationType, reversed?: boolean];
const connective = (source: string, type: RelationType, reversed = false): Connective => [
  new RegExp(`^(?:${source})$`, "u"),
  type,
  reversed,
];

const roles: readonly (readonly [words: string, type: RelationType, reversed: boolean])[] = [
  ["manager|boss|supervisor|team lead", "manages", true],
  ["wife|husband|spouse|partner|fiancée?", "married_to", false],
  ["mother|father|mom|mum|dad|parent|grandmother|grandfather", "parent_of", true],
  ["son|daughter|child|kid", "parent_of", false],
  ["sister|brother|sibling|twin", "sibling_of", false],
  ["(?:best )?friend|girlfriend|boyfriend", "friend_of", false],
  ["colleague|coworker|co-worker|teammate", "works_with", false],
  ["owner", "owns", true],
  ["author|creator|maintainer|founder", "created", true],
];

/** Between subject and object, lower case, articles before the object and fillers gone. */
const connectives: readonly Connective[] = [
  connective(
    "(?:uses?|using|used|utili[sz]es?|relies on|rely on|runs on|run on|is (?:built|written) (?:on|with|in)|built with|written in|is powered by)",
    "uses",
  ),
  connective("(?:depends?|depending) (?:up)?on|requires?|needs?", "depends_on"),
  connective(
    "(?:connects?|connected|talks?|speaks|is connected|links?) (?:to|with)|integrates? with|communicates? with|publish(?:es)? to|subscribes? to|reads? from|writes? to",
    "connects_to",
  ),
  connective("(?:calls?|invokes?|queries|query)", "calls"),
  connective(
    "(?:(?:stores?|saves?|keeps?|persists?|writes?|caches?)(?: [\\p{L}\\p{N}_-]+){0,4}|is (?:stored|saved|kept)) (?:in|into|to|on)",
    "stores_in",
  ),
  connective(
    "(?:works?|worked|working|is (?:employed|working)|interns?) (?:at|for)|(?:joined|joins)|is (?:an?|the)? ?(?:[\\p{L}-]+ ){1,4}(?:at|for)|,? (?:an? |the )?(?:[\\p{L}-]+ ){1,3}at",
    "works_at",
  ),
  connective("(?:works?|working|is working|contributes?) (?:on|to)|leads (?:work on )?", "works_on"),
  connective("(?:works?|working|is working|collaborates?|pairs?) with", "works_with"),
  connective(
    "(?:stud(?:ies|y|ied)|is studying|graduated|graduates?)(?: [\\p{L}-]+){0,3} (?:at|from)|goes to|attends?",
    "studies_at",
  ),
  connective(
    "(?:lives?|living|lived|resides?|is based|is living|moved|is moving|moves|relocated) (?:in|to|near)",
    "lives_in",
  ),
  connective(
    "(?:is|are|lies|sits) (?:located |situated |based )?(?:in|near)|(?:located|situated|based|headquartered) in|is headquartered in",
    "located_in",
  ),
  connective("(?:owns?|owned|bought|has bought|maintains?|is responsible for)", "owns"),
  connective("is owned by|is maintained by", "owns", true),
  connective("(?:manages?|leads?|supervises?|heads?|runs?)", "manages"),
  connective("(?:is )?(?:managed|led|supervised|run) by", "manages", true),
  connective("(?:reports?|reporting) to", "reports_to"),
  connective("(?:is (?:an? )?(?:member|part) of(?: team)?|belongs to|is on|plays for)", "member_of"),
  connective("(?:created|built|wrote|designed|developed|founded|co-founded|invented|made|authored|started)", "created"),
  connective(
    "(?:is|was|were|are)? ?(?:created|built|written|designed|developed|founded|invented|made|authored) by",
    "created",
    true,
  ),
  connective("(?:is |was |got )?married(?: to)?", "married_to"),
  connective("is (?:dating|engaged to)", "married_to"),
  connective("is (?:good |best |close )?friends with", "friend_of"),
  connective("(?:met|knows|know)", "knows"),
  connective("(?:is|are) (?:a )?(?:part|component|module|subset) of|is included in", "part_of"),
  connective("(?:is|are) (?:a|an|a kind of|a type of)", "is_a"),
  connective("(?:is |are |gets |was )?(?:deployed|hosted|running) (?:on|to|in)|(?:deploys?|ships) to", "deployed_on"),
  connective("(?:is |was |has been |gets )?(?:replaced|superseded) (?:by|with)|migrated to", "replaced_by"),
  connective("(?:replaces?|replaced|supersedes?)", "replaced_by", true),
  connective("(?:prefers?|favou?rs)", "prefers"),
  connective("(?:likes?|loves?|enjoys?|adores?)", "likes"),
  connective("(?:dislikes?|hates?|can't stand|detests?)", "dislikes"),
  ...roles.flatMap(([words, type, reversed]) => [
    connective(`(?:'s|') (?:${words})(?: is| was|,)?`, type, reversed),
    connective(`is (?:the |an? )?(?:${words}) of|,? (?:the )?(?:${words}) of`, type, !reversed),
  ]),
];

const roleAfter: readonly (readonly [pattern: RegExp, type: RelationType, reversed: boolean])[] = roles.map(
  ([words, type, reversed]) => [new RegExp(`^['’]s (?:${words})(?![\\p{L}])`, "iu"), type, reversed],
);

const fillers =
  /\b(?:also|now|currently|still|usually|often|really|mainly|primarily|actually|directly|both|recently|already|then|has|have|had|will|always|officially|together|successfully)\s+/gu;
const articles = /\s+(?:the|an?|our|my|his|her|their|its|this|that|new|old|local|nearby)$/u;
const list = /^\s*(?:,|&|\/|\+|,?\s*(?:and|or|und|et|y))\s*(?:the\s+|also\s+|our\s+)?$/iu;
const negation = /\b(?:not|never|no longer|without|n't|cannot|stopped|used to|refuses?|instead of)\b|n['’]t\b/iu;

const plain = (gap: string): string => {
  let text = gap.toLowerCase().replace(/’/gu, "'").replace(/\s+/gu, " ").replace(fillers, "").trim();
  for (let round = 0; round < 3; round += 1) text = text.replace(articles, "");
  return text;
};

const lookUp = (text: string): readonly [type: RelationType, reversed: boolean] | null => {
  const found = connectives.find(([pattern]) => pattern.test(text));
  return found === undefined ? null : [found[1], found[2] === true];
};

interface Connected {
  readonly type: RelationType;
  readonly reversed: boolean;
  /** The words began with "and", "which" or a verb of their own: the subject is that of the clause before. */
  readonly continues: boolean;
}

const connect = (gap: string): Connected | null => {
  if (gap.length > 90 || negation.test(gap)) return null;
  const text = plain(gap);
  const direct = lookUp(text);
  if (direct !== null) return { type: direct[0], reversed: direct[1], continues: false };
  const carried = /^(?:,? ?(?:and|but|then|which|who|that)|,) (.+)$/u.exec(text);
  const own = carried === null ? null : lookUp(carried[1] ?? "");
  if (own !== null) return { type: own[0], reversed: own[1], continues: !/^,? ?(?:which|who|that)/u.test(text) };
  const tail = /^(?:[^,;]{1,60})(?:,| and| which| that| but)? (?:and|which|that|but) ([^,;]{1,40})$/u.exec(text);
  const late = tail === null ? null : lookUp(tail[1] ?? "");
  return late === null ? null : { type: late[0], reversed: late[1], continues: /^(?:,| ?and\b)/u.test(text) };
};

const breaks = /[.!?;\n。！？](?:\s|$)/u;
const titled = /(?<=\s)(?:dr|mr|mrs|ms|prof)\.\s*$/iu;

const animate = (type: EntityType): boolean => type === "person" || type === "other";
const inert = (type: EntityType): boolean => type !== "person" && type !== "date";
const anything = (): boolean => true;

/** Types that the ends of a relation may have; a reading that breaks this is a wrong reading. */
const ends: Readonly<
  Partial<
    Record<RelationType, readonly [subject: (type: EntityType) => boolean, object: (type: EntityType) => boolean]>
  >
> = {
  uses: [anything, (type) => inert(type) && type !== "place"],
  depends_on: [anything, inert],
  stores_in: [anything, inert],
  works_at: [animate, (type) => inert(type) && type !== "technology"],
  works_on: [anything, inert],
  works_with: [animate, anything],
  studies_at: [animate, inert],
  lives_in: [animate, (type) => type === "place" || type === "other"],
  located_in: [inert, (type) => type === "place" || type === "other"],
  manages: [animate, anything],
  reports_to: [animate, animate],
  married_to: [animate, animate],
  parent_of: [animate, animate],
  sibling_of: [animate, animate],
  friend_of: [animate, animate],
  knows: [animate, animate],
  deployed_on: [inert, inert],
  replaced_by: [inert, inert],
  prefers: [animate, anything],
  likes: [animate, anything],
  dislikes: [animate, anything],
};

const fits = (subject: Mention, type: RelationType, object: Mention): boolean => {
  const allowed = ends[type];
  return subject !== object && (allowed === undefined || (allowed[0](subject.type) && allowed[1](object.type)));
};

interface State {
  /** Subjects of the clause before, for "and lives in". */
  readonly subjects: readonly Mention[];
  /** What the link is from. */
  readonly previous: readonly Mention[];
  readonly link: Connected | null;
  /** The list now being read. */
  readonly group: readonly Mention[];
}

const nothing: State = { subjects: [], previous: [], link: null, group: [] };

/** Relations between mentions, which come in the order of the text; at most so many. */
export const findRelations = (
  content: string,
  mentions: readonly Mention[],
  most: number,
): readonly FoundRelation[] => {
  const relations: FoundRelation[] = [];
  const add = (subject: Mention, type: RelationType, object: Mention): void => {
    if (relations.length < most && fits(subject, type, object))
      relations.push({ subject: subject.name, type, object: object.name });
  };
  const origin = ({ link, subjects, previous }: State): readonly Mention[] =>
    link?.continues === true && subjects.length > 0 ? subjects : previous;
  /** Writes down what the state says. */
  const settle = (state: State): void => {
    if (state.link === null) return;
    for (const left of origin(state).slice(0, 8)) {
      for (const right of state.group.slice(0, 16)) {
        if (state.link.reversed) add(right, state.link.type, left);
        else add(left, state.link.type, right);
      }
    }
  };
  let state = nothing;
  for (const [index, mention] of mentions.entries()) {
    const before = mentions[index - 1];
    if (before === undefined || mention.start < before.end) {
      settle(state);
      state = { ...nothing, group: [mention] };
      continue;
    }
    const gap = content.slice(before.end, Math.min(mention.start, before.end + 200)).replace(titled, "");
    const speaker = /^(?:I|[Mm]y)$/u.test(content.slice(mention.start, mention.end));
    const alike =
      (mention.type === "person") === (before.type === "person") || mention.type === "other" || before.type === "other";
    if (list.test(gap)) {
      if (alike && !(speaker && state.link !== null)) {
        state = { ...state, group: [...state.group, mention] };
        continue;
      }
      settle(state);
      state = { ...nothing, group: [mention] };
      continue;
    }
    const far = breaks.test(gap) || gap.length >= 200 || speaker;
    const link = far ? null : connect(gap);
    const last = state.group.at(-1);
    const joined = mentions[index - 2];
    const newClause =
      link !== null &&
      !link.continues &&
      /^\s/u.test(gap) &&
      state.link !== null &&
      state.group.length > 1 &&
      joined !== undefined &&
      /^\s+and\s/iu.test(content.slice(joined.end, before.start));
    const done: State = newClause ? { ...state, group: state.group.slice(0, -1) } : state;
    settle(done);
    const previous = newClause && last !== undefined ? [last] : state.group;
    const subjects = newClause ? previous : state.link === null ? state.group : origin(state);
    state = far ? { ...nothing, group: [mention] } : { subjects, previous, link, group: [mention] };
    const role = /^\s*(?:is|was)\s+$/u.test(gap)
      ? roleAfter.find(([pattern]) => pattern.test(content.slice(mention.end, mention.end + 30)))
      : undefined;
    if (role !== undefined) {
      if (role[2]) add(before, role[1], mention);
      else add(mention, role[1], before);
    }
  }
  settle(state);
  return relations;
};
