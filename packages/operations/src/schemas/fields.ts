/** The fields that a writer may set, each with its bounds; shared by remember, batch, update, correct and import. */
import { categories, decayMillis, limits, trustLevels, type Decay } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { absent } from "../absent.ts";
import { instant } from "./instant.ts";
import { metadata } from "./metadata.ts";
import { sourceType } from "./provenance.ts";
import { text } from "./text.ts";

const decays = Object.keys(decayMillis) as [Decay, ...Decay[]];

export const content = text({
  name: "content",
  max: limits.contentCharacters,
  describe: "What to remember, as text that makes sense on its own.",
});

const tag = text({ name: "tag", max: limits.tagCharacters, trim: true });

/** Trimmed, each once, in the order given. */
const tagsUpTo = (most: number, describe: string) => {
  const tooMany = (count: number): string => `tags must be at most ${most}; these are ${count}`;
  return (
    z
      .array(z.unknown(), "tags must be a list of texts")
      // Ten thousand tags are one problem, and none of them is looked at.
      .max(1_000, { error: (issue) => tooMany((issue.input as readonly unknown[]).length), abort: true })
      .pipe(z.array(tag))
      .transform((given) => [...new Set(given)])
      .check((context) => {
        const count = context.value.length;
        if (count > most) context.issues.push({ code: "custom", message: tooMany(count), input: context.value });
      })
      .meta({
        type: "array",
        maxItems: most,
        items: { type: "string", minLength: 1, maxLength: limits.tagCharacters },
        description: describe,
      })
  );
};

export const tags = tagsUpTo(limits.tags, `At most ${limits.tags} labels to filter by.`);
export const wantedTags = tagsUpTo(100, "Labels that a result must have; an empty list filters nothing.");

const fraction = (name: string, describe: string) =>
  z
    .number({ error: `${name} must be a number from 0 to 1` })
    .min(0, `${name} must be a number from 0 to 1`)
    .max(1, `${name} must be a number from 0 to 1`)
    .meta({ description: describe });

export const category = z.enum(categories, `category must be one of ${categories.join(", ")}`);
export const trust = z.enum(trustLevels, `trust must be one of ${trustLevels.join(", ")}`);

export const key = text({
  name: "key",
  max: limits.keyCharacters,
  describe: "A name of your own, unique in the space: writing it again updates the memory.",
});
export const entity = text({ name: "entity", max: limits.nameCharacters, describe: "Whom or what it is about." });
export const author = text({ name: "author", max: limits.nameCharacters, describe: "Who said it." });
export const sessionId = text({
  name: "session_id",
  max: limits.nameCharacters,
  describe: "The conversation it belongs to.",
});
export const expectedVersion = z
  .int("expected_version must be a whole number from 0")
  .min(0, "expected_version must be a whole number from 0")
  .meta({
    description: "The version you have seen; when the memory has moved on, nothing is changed and you get a conflict.",
  });

/** Every optional field; null counts as absent for new memories and clears the field of an existing one. */
export const optionalFields = {
  key: key.nullish(),
  category: category.nullish(),
  entity: entity.nullish(),
  tags: tags.nullish(),
  metadata: metadata.nullish(),
  context: text({
    name: "context",
    max: limits.contextCharacters,
    min: 0,
    describe: "What was going on when it was captured.",
  }).nullish(),
  author: author.nullish(),
  sessionId: sessionId.nullish(),
  sessionSeq: z
    .int("session_seq must be a whole number")
    .min(0, "session_seq must be 0 or more")
    .nullish()
    .meta({ description: "Its position in the session; assigned on arrival when absent." }),
  sourceUri: text({
    name: "source_uri",
    max: limits.uriCharacters,
    trim: true,
    describe: "Where the text comes from.",
  }).nullish(),
  trust: trust
    .nullish()
    .meta({ description: "How far the origin is believed; you can lower what follows from the source." }),
  importance: fraction("importance", "How much it matters, 0 to 1.").nullish(),
  confidence: fraction("confidence", "How sure it is, 0 to 1; 1 when absent.").nullish(),
  occurredAt: instant("occurred_at", "When it happened or was said").nullish(),
  validFrom: instant("valid_from", "From when on it holds").nullish(),
  validUntil: instant("valid_until", "Until when it holds").nullish(),
  expiresAt: instant("expires_at", "When to forget it; not together with decay").nullish(),
  decay: z
    .enum(decays, `decay must be one of ${decays.join(", ")}`)
    .nullish()
    .meta({
      description: "How long it lives: permanent, durable 90 days, normal 14 days, short 2 days, ephemeral 4 hours.",
    }),
} as const;

export const optionalSourceType = sourceType.nullish();

interface Lifetime {
  readonly validFrom?: number | null | undefined;
  readonly validUntil?: number | null | undefined;
  readonly expiresAt?: number | null | undefined;
  readonly decay?: Decay | null | undefined;
}

/** Rules across fields, for `.check` on any object that holds them. */
export const checkLifetime = (context: z.core.ParsePayload<Lifetime>): void => {
  const { validFrom, validUntil, expiresAt, decay } = context.value;
  const issue = (path: string, message: string): void => {
    context.issues.push({ code: "custom", path: [path], message, input: context.value });
  };
  if (!absent(expiresAt) && !absent(decay))
    issue("expiresAt", "expires_at and decay exclude each other: give one of them");
  if (!absent(validFrom) && !absent(validUntil) && validFrom >= validUntil) {
    issue("validUntil", "valid_until must be later than valid_from");
  }
};
