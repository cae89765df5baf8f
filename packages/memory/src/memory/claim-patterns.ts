/** The sentences from which claims are read, each pattern over one sentence in lower-case-insensitive form. */
export interface ClaimPattern {
  readonly pattern: RegExp;
  /** The attribute, where the sentence does not name it itself (group `attribute`). */
  readonly attribute?: string;
  /** The sentence itself says that the entity is one, so that it may be any words. */
  readonly free?: boolean;
  /** How the value has to begin: "works at Acme" names an employer, "works hard" none. */
  readonly opening?: RegExp;
}

const entity = String.raw`(?<entity>(?:the |my |our )?[\p{L}\p{N}@][\p{L}\p{N}\p{M}@._'’/-]*(?: [\p{L}\p{N}][\p{L}\p{N}\p{M}._'’/-]*){0,4}?)`;
const owner = String.raw`(?:(?<mine>my|our)|(?<entity>(?:the )?[\p{L}\p{N}@][\p{L}\p{N}\p{M}@._-]*(?: [\p{L}\p{N}][\p{L}\p{N}\p{M}._-]*){0,3}?)['’]s?)`;
const attribute = String.raw`(?<attribute>[\p{L}\p{N}][\p{L}\p{N}_-]*(?: (?!(?:is|are|was|were)\b)[\p{L}\p{N}][\p{L}\p{N}_-]*){0,3})`;
const adverb = String.raw`(?:(?:now|currently|still|also|really|actually|already|officially) )*`;
const not = String.raw`(?<not>not |no longer |never )?`;
const helper = String.raw`(?:(?:does|do|did)(?<not> not|n['’]t) )?`;
const value = String.raw`(?<value>.{1,200})`;

const sentence = (source: string, name?: string): ClaimPattern => ({
  pattern: new RegExp(`^(?:note: |remember: |(?:please )?remember that |fyi,? )?${source}$`, "iu"),
  ...(name === undefined ? {} : { attribute: name }),
});
const verb = (verbs: string, name: string): ClaimPattern =>
  sentence(`${entity} ${adverb}${helper}${adverb}(?:${verbs}) ${value}`, name);

/** In order: the first that fits a sentence is the one that reads it. */
export const claimPatterns: readonly ClaimPattern[] = [
  sentence(`${entity} (?:is|['’]s|am|['’]m) ${adverb}${not}(?<value>\\d{1,3})(?: years old| y/o)?`, "age"),
  sentence(`${owner} ${attribute} (?:is|are|['’]s) ${adverb}${not}(?:called |named |set to |on |at )?${value}`),
  {
    ...sentence(`the ${attribute} (?:of|for) ${entity} (?:is|are) ${adverb}${not}(?:called |named |set to )?${value}`),
    free: true,
  },
  sentence(`${entity} (?:is|am|are|['’]m|['’]s) ${adverb}${not}(?:called|named) ${value}`, "name"),
  { ...verb("live|lives|living|reside|resides", "residence"), opening: /^(?:in|at|near|on) /iu },
  sentence(
    `${entity} (?:is|am|['’]m|['’]s) ${adverb}${not}(?:based|living|located|headquartered) (?:in|at|near|on) ${value}`,
    "residence",
  ),
  sentence(`${entity} ${adverb}(?:moved|relocated) to ${value}`, "residence"),
  { ...verb("work|works", "employer"), opening: /^(?:at|for) /iu },
  sentence(`${entity} (?:is|am|['’]m|['’]s) ${adverb}${not}(?:working|employed) (?:at|for|by) ${value}`, "employer"),
  sentence(`${entity} (?:is|am|['’]m|['’]s) ${adverb}${not}married to ${value}`, "spouse"),
  sentence(`${entity} (?:was|is) born (?:in|on) ${value}`, "birth"),
  verb("prefer|prefers", "preference"),
  { ...verb("report|reports", "manager"), opening: /^to /iu },
  verb("like|likes|love|loves|enjoy|enjoys", "likes"),
  sentence(`${entity} ${adverb}(?<opposite>dislike|dislikes|hate|hates) ${value}`, "likes"),
  verb("use|uses", "uses"),
  verb("own|owns", "owns"),
  verb("speak|speaks", "speaks"),
  sentence(`${entity} (?:runs|listens|is (?:running|listening)) on port (?<value>\\d{1,5})`, "port"),
];

/** "timezone: Europe/Berlin": a short key of words and a value on a line of its own. */
export const keyValueLine =
  /^(?:[-*] )?(?:(?<entity>[\p{L}\p{N}][\p{L}\p{N}_-]*(?: [\p{L}\p{N}][\p{L}\p{N}_-]*){0,2})['’]s )?(?<attribute>[\p{L}][\p{L}\p{N}_-]*(?: [\p{L}\p{N}][\p{L}\p{N}_-]*){0,2}): (?<value>[^:]{1,100}|\S{1,100})$/u;
/** Keys that open a remark, not an attribute. */
export const remarks =
  /^(?:note|notes|todo|fixme|warning|important|example|examples|question|answer|q|a|re|fwd|summary|update|decision|reminder|tip|hint|context|user|assistant|system|human|ai|http|https|ps|p s|edit|fyi|steps?|step \d+|and|so|but|because|result|results|error|fix|bug|feat|feature|chore|docs|refactor|test|tests)$/u;

/** Attributes of which an entity has several at a time: another value is no contradiction. */
export const manyValued =
  /^(?:likes|uses|owns|speaks|preference|hobb(?:y|ies)|interests?|friends?|pets?|dogs?|cats?|child|children|kids?|sons?|daughters?|siblings?|brothers?|sisters?|skills?|languages?|allerg(?:y|ies)|books?|movies?|tools?|goals?|tags?|.*[^s]s)$/u;
/** Plural in form and yet single. */
export const singleValued =
  /^(?:status|address|bus|canvas|class|boss|process|business|alias|analysis|basis|axis|kubernetes|os|dns|timezones?|.*ness|.*us|.*ss)$/u;

/** Different words for one attribute. */
export const attributeNames: ReadonlyMap<string, string> = new Map([
  ["home", "residence"],
  ["city", "residence"],
  ["home town", "residence"],
  ["location", "residence"],
  ["job", "occupation"],
  ["profession", "occupation"],
  ["company", "employer"],
  ["workplace", "employer"],
  ["wife", "spouse"],
  ["husband", "spouse"],
  ["boss", "manager"],
  ["time zone", "timezone"],
  ["e-mail", "email"],
  ["email address", "email"],
  ["phone number", "phone"],
  ["birthdate", "birthday"],
  ["date of birth", "birthday"],
]);
