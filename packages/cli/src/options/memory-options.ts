/** The fields of a memory as options, for commands that write one. */
import { CairnError } from "@cairn/kernel/error";
import { categories, decayMillis, trustLevels } from "@cairn/memory/memory/memory";
import { type Given, numberOf, type Option, textOf, textsOf } from "../command.ts";

export const fieldOptions: readonly Option[] = [
  { name: "tag", short: "t", value: "TAG", repeat: true, describe: "A label to filter by; repeat it for several." },
  { name: "key", short: "k", value: "KEY", describe: "A name of your own; writing it again updates the memory." },
  { name: "category", value: "CATEGORY", choices: categories, describe: "What kind of memory it is." },
  { name: "entity", value: "NAME", describe: "Whom or what it is about." },
  { name: "author", value: "NAME", describe: "Who said it." },
  { name: "session", value: "ID", describe: "The conversation it belongs to." },
  {
    name: "occurred-at",
    value: "TIME",
    describe: "When it happened or was said, such as 2024-06-01 or 2024-06-01T09:30:00Z.",
  },
  { name: "valid-from", value: "TIME", describe: "From when on it holds." },
  { name: "valid-until", value: "TIME", describe: "Until when it holds." },
  { name: "importance", value: "0..1", type: "number", describe: "How much it matters." },
  { name: "confidence", value: "0..1", type: "number", describe: "How sure it is." },
  { name: "decay", value: "PACE", choices: Object.keys(decayMillis), describe: "How long it lives." },
  { name: "expires-at", value: "TIME", describe: "When to forget it; instead of --decay." },
  { name: "source-uri", value: "URI", describe: "Where the text comes from." },
  { name: "trust", value: "LEVEL", choices: trustLevels, describe: "How far its origin is believed." },
  { name: "context", value: "TEXT", describe: "What was going on when it was said." },
  { name: "metadata", value: "JSON", describe: "Any JSON object of yours." },
];

const metadataOf = (given: Given): unknown => {
  const text = textOf(given, "metadata");
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new CairnError("request.invalid", "--metadata is not valid JSON.", {
      hint: `Give an object, such as --metadata '{"ticket": 12}'.`,
    });
  }
};

/** The fields that were given, under the names that operations take. */
export const fieldsOf = (given: Given): Readonly<Record<string, unknown>> => {
  const found = {
    tags: textsOf(given, "tag"),
    key: textOf(given, "key"),
    category: textOf(given, "category"),
    entity: textOf(given, "entity"),
    author: textOf(given, "author"),
    sessionId: textOf(given, "session"),
    occurredAt: textOf(given, "occurred-at"),
    validFrom: textOf(given, "valid-from"),
    validUntil: textOf(given, "valid-until"),
    importance: numberOf(given, "importance"),
    confidence: numberOf(given, "confidence"),
    decay: textOf(given, "decay"),
    expiresAt: textOf(given, "expires-at"),
    sourceUri: textOf(given, "source-uri"),
    trust: textOf(given, "trust"),
    context: textOf(given, "context"),
    metadata: metadataOf(given),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};
