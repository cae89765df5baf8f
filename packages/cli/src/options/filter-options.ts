/** The filters of recall and list as options. */
import { categories, trustLevels } from "@cairn/memory/memory/memory";
import { type Given, type Option, textOf, textsOf } from "../command.ts";

export const filterOptions: readonly Option[] = [
  {
    name: "tag",
    short: "t",
    value: "TAG",
    repeat: true,
    describe: "Only memories with this tag; repeat it for several.",
  },
  {
    name: "tags-mode",
    value: "MODE",
    choices: ["any", "all"],
    describe: "Whether one of the tags is enough (any) or all are needed.",
  },
  {
    name: "after",
    value: "TIME",
    describe: 'Happened at or after: 2024, 2024-06, 2024-06-01, or words like "last week".',
  },
  { name: "before", value: "TIME", describe: "Happened before, or no later than that year, month or day." },
  { name: "key", short: "k", value: "KEY", describe: "Only the memory with this key." },
  { name: "category", value: "CATEGORY", choices: categories, describe: "Only this kind." },
  { name: "entity", value: "NAME", describe: "Only what is about this." },
  { name: "author", value: "NAME", describe: "Only what this person or agent said." },
  { name: "session", value: "ID", describe: "Only from this conversation." },
  { name: "source", value: "INSTANCE", describe: "Only what this agent wrote." },
  { name: "min-trust", value: "LEVEL", choices: trustLevels, describe: "Only from origins at least as trusted." },
];

/** The user's own zone, for words like "yesterday"; absent where the system does not say. */
const timeZone = (): string | undefined => {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === undefined || zone === "Etc/Unknown" ? undefined : zone;
};

/** The filters that were given, under the names that operations take. */
export const filtersOf = (given: Given): Readonly<Record<string, unknown>> => {
  const found = {
    tags: textsOf(given, "tag"),
    tagsMode: textOf(given, "tags-mode"),
    after: textOf(given, "after"),
    before: textOf(given, "before"),
    key: textOf(given, "key"),
    category: textOf(given, "category"),
    entity: textOf(given, "entity"),
    author: textOf(given, "author"),
    sessionId: textOf(given, "session"),
    sourceInstance: textOf(given, "source"),
    minTrust: textOf(given, "min-trust"),
    timeZone: timeZone(),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};
