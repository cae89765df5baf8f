/**
 * Names that their form gives away: addresses, paths, versions, tickets, identifiers of code, services. Every
 * pattern has bounded repetition and begins only where a word begins, so that scanning is linear.
 */
import { findTimePhrases } from "../time/time-range.ts";
import { entityLimits, type EntityType, type Mention } from "./entity.ts";
import { genericCapitals, technologies } from "./known-technology.ts";

const begin = String.raw`(?<![\p{L}\p{N}_@/.-])`;
const parts =
  "service|svc|api|worker|db|cache|server|client|gateway|proxy|database|queue|store|app|web|ui|frontend|backend|job|cron|bot|agent|daemon|broker|scheduler|controller|operator|cluster|bucket|topic|lambda|plugin|sdk|cli|engine|pipeline|registry|dashboard|portal|monitor|indexer|consumer|producer|pool|replica";
const extensions =
  "tsx?|jsx?|mjs|cjs|py|md|json[cl5]?|ya?ml|toml|sql|go|rs|java|kt|txt|csv|pdf|html?|css|scss|sh|env|lock|c|cpp|hpp?|rb|php|ini|cfg|conf|log|xml|png|jpe?g|svg|docx?|xlsx?|pptx?|ipynb|proto|graphql|db|sqlite|tf|zip|gz";

interface Form {
  readonly pattern: RegExp;
  readonly type: EntityType;
  readonly keep?: (text: string) => boolean;
}

const form = (source: string, type: EntityType, keep?: (text: string) => boolean, flags = "gu"): Form => ({
  pattern: new RegExp(begin + source, flags),
  type,
  ...(keep === undefined ? {} : { keep }),
});

const linking = /^(?:of|the|to|and|in|on|by|a|an|up|out|for|year|old|at|with|is|it|or|as)$/u;

/** In order: what an earlier form has taken, a later one leaves alone. */
const forms: readonly Form[] = [
  form(
    String.raw`(?:https?|wss?|ftp|file|s3|git|ssh|postgres(?:ql)?|redis|mongodb):\/\/[^\s<>"'\x60)\]}、。，]{1,500}`,
    "url",
  ),
  form(String.raw`[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,4}`, "identifier"),
  form(
    String.raw`(?:~|\.{1,2})?\/[\p{L}\p{N}._@-]{1,64}(?:\/[\p{L}\p{N}._@-]{1,64}){0,15}\/?(?![\p{L}\p{N}])`,
    "file",
    (text) => /\/.*\/|\.\p{L}|^[~.]/u.test(text) && !/^\/\d/u.test(text),
  ),
  form(String.raw`[A-Za-z]:\\[\p{L}\p{N}._ -]{1,64}(?:\\[\p{L}\p{N}._-]{1,64}){0,15}`, "file"),
  form(String.raw`[\p{L}\p{N}_-]{1,64}(?:\/[\p{L}\p{N}._-]{1,64}){1,15}\.(?:${extensions})(?![\p{L}\p{N}])`, "file"),
  form(
    String.raw`[\p{L}\p{N}_-]{1,64}(?:\.[\p{L}\p{N}_-]{1,32}){0,3}\.(?:${extensions})(?![\p{L}\p{N}])`,
    "file",
    (text) => !technologies.has(text.toLowerCase()),
  ),
  form(
    String.raw`(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|io|dev|ai|app|co|edu|gov|eu|uk|de|fr|ch|jp|cn)(?:\/[^\s<>"'\x60)\]}]{0,300})?(?![\p{L}\p{N}])`,
    "url",
  ),
  form(String.raw`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\p{L}\p{N}-])`, "identifier"),
  form(
    String.raw`[A-Z][A-Z0-9]{1,9}-\d{1,6}(?![\p{L}\p{N}-])`,
    "identifier",
    (text) => !/^(?:UTF|ISO|SHA|COVID|RFC|GPT|AES|MD|RSA|H|F|A|B|TLS)-/u.test(text),
  ),
  form(
    String.raw`(?:v\d{1,4}(?:\.\d{1,6}){0,3}|\d{1,4}(?:\.\d{1,6}){2,3})(?:-[\p{L}\p{N}.]{1,20})?(?![\p{L}\p{N}])`,
    "identifier",
  ),
  form(
    String.raw`[a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){0,4}-(?:${parts})(?![\p{L}\p{N}-])`,
    "service",
    undefined,
    "giu",
  ),
  form(String.raw`[a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){2,5}(?![\p{L}\p{N}-])`, "service", (text) =>
    text.split("-").every((part) => part.length > 1 && !linking.test(part)),
  ),
  form(String.raw`(?:node|npm|bun|deno|jsr|std|urn):[a-z][\w/.:-]{0,60}\w`, "identifier"),
  form(String.raw`[A-Za-z_]\w{0,40}(?:::\w{1,40}){1,5}`, "identifier"),
  form(String.raw`[A-Za-z]\w{0,40}_\w{1,40}(?:\(\))?(?![\p{L}\p{N}])`, "identifier"),
  form(
    String.raw`[a-z][a-z0-9]{0,30}(?:[A-Z][a-z0-9]{0,30}){1,6}(?:\(\))?(?![\p{L}\p{N}_])`,
    "identifier",
    (text) => !technologies.has(text.toLowerCase()),
  ),
  form(String.raw`[A-Z][a-z0-9]{1,30}\.[a-z][A-Za-z0-9]{1,30}\(\)`, "identifier"),
];
/** Products written with a small letter first. */
const product = /(?<![\p{L}\p{N}])(?:i(?:Phone|Pad|OS|Mac|Cloud|Pod|Tunes|Message|Watch)|macOS|eBay)(?![\p{L}\p{N}])/gu;
const handle = /(?<![\p{L}\p{N}_@/.-])@[\p{L}][\p{L}\p{N}_-]{1,38}(?![\p{L}\p{N}@])/gu;
const channel = /(?<![\p{L}\p{N}_#&/])#(?:\p{L}[\p{L}\p{N}_-]{1,60}|\d{1,7}(?![\p{L}\p{N}]))/gu;
const code = /`([^`\s]{2,60})`/gu;

/** Without one of these, none of the forms can be there. */
const formal = /[/@\\_:-]|\p{L}\.\p{L}|\d\.\d|[vV]\d|\p{Ll}\p{Lu}|\(\)/u;

const trimUrl = (text: string): string => text.replace(/[.,;:!?]{1,8}$/u, "");

/** What a text has taken so far, by character. */
export interface Taken {
  readonly free: (start: number, end: number) => boolean;
  readonly take: (start: number, end: number) => void;
}

export const makeTaken = (length: number): Taken => {
  const used = new Uint8Array(length + 1);
  return {
    free: (start, end) => used.subarray(start, end).every((value) => value === 0),
    take: (start, end) => void used.fill(1, start, end),
  };
};

const named =
  /\d{4}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|christmas|xmas|easter|thanksgiving|halloween|valentine/iu;

const datedText =
  /\d{4}|\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b|christmas|xmas|easter|thanksgiving|halloween|valentine|\d\s*月/iu;

/** Dates that stand for themselves. "Yesterday" is no entity: it means another day in every memory. */
const dates = (content: string): readonly Mention[] => {
  // Reading phrases of time costs more than everything else here, and most texts name no date.
  if (!datedText.test(content)) return [];
  return findTimePhrases(content, { now: 0, timeZone: "UTC" })
    .filter(({ text }) => named.test(text) && !/\b(?:ago|last|next|this)\b/iu.test(text))
    .map(({ start, end, text }) => {
      const lead =
        /^(?:(?:in|on|during|of|for|from|by|at|over|since|before|after|until|till|around|about|the)\s+)*/iu.exec(
          text,
        )?.[0].length ?? 0;
      return { start: start + lead, end, name: text.slice(lead), type: "date" as const };
    });
};

export const findLiterals = (content: string, taken: Taken): readonly Mention[] => {
  const mentions: Mention[] = [];
  const add = (start: number, name: string, type: EntityType): void => {
    if (name.length < 2 || name.length > entityLimits.nameCharacters || !taken.free(start, start + name.length)) return;
    taken.take(start, start + name.length);
    mentions.push({ start, end: start + name.length, name, type });
  };
  for (const { index, 1: inner = "" } of content.matchAll(code)) {
    const file = inner.includes("/") || new RegExp(`\\.(?:${extensions})$`, "u").test(inner);
    if (!technologies.has(inner.toLowerCase())) add(index + 1, inner, file ? "file" : "identifier");
  }
  for (const { index, 0: text } of content.matchAll(product)) add(index, text, "technology");
  for (const { pattern, type, keep } of formal.test(content) ? forms : []) {
    for (const match of content.matchAll(pattern)) {
      const text = type === "url" || type === "file" ? trimUrl(match[0]) : match[0];
      if (!genericCapitals.has(text.toLowerCase()) && keep?.(text) !== false) add(match.index, text, type);
    }
  }
  for (const { index, 0: text } of content.matchAll(handle)) add(index, text, "person");
  for (const { index, 0: text } of content.matchAll(channel))
    add(index, text, /^#\d/u.test(text) ? "identifier" : "other");
  for (const { start, name } of dates(content)) add(start, name, "date");
  return mentions;
};
