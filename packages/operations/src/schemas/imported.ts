/** A memory from elsewhere: the fields of a new one, and what it was called, where and when, in its old place. */
import { maxMillis, minMillis, type Clock } from "@cairn/kernel/clock";
import type { MemoryFields } from "@cairn/memory/memory/memory";
import type { ImportedIdentity } from "@cairn/memory/space/engine";
import { z } from "zod";
import { absent } from "../absent.ts";
import { id, present } from "./common.ts";
import { checkLifetime } from "./fields.ts";
import { instant } from "./instant.ts";
import { text } from "./text.ts";
import { draftShape, fieldsOf } from "./write.ts";

/** Import formats are read into milliseconds before they come here; over the wire times are texts. */
const time = (name: string, describe: string) =>
  z.union([z.number().min(minMillis).max(maxMillis), instant(name, describe)]).nullish();

const { skipDedup: _skipDedup, expectedVersion: _expectedVersion, ...fields } = draftShape;

const shape = {
  ...fields,
  occurredAt: time("occurred_at", "When it happened or was said"),
  validFrom: time("valid_from", "From when on it holds"),
  validUntil: time("valid_until", "Until when it holds"),
  expiresAt: time("expires_at", "When to forget it"),
  id: id().nullish(),
  sourceInstance: text({ name: "source_instance", max: 255, describe: "The agent that wrote it." }).nullish(),
  createdAt: time("created_at", "When it was stored there"),
  updatedAt: time("updated_at", "When it last changed there"),
  supersedes: id("supersedes").nullish(),
} as const;

export const importedDraft = z.object(shape).check((context) => {
  // An exported memory has both: its decay, and the expiry that followed from it.
  const { validFrom, validUntil } = context.value;
  const problems: z.core.ParsePayload<{
    readonly validFrom: typeof validFrom;
    readonly validUntil: typeof validUntil;
  }> = {
    value: { validFrom, validUntil },
    issues: context.issues,
  };
  checkLifetime(problems);
});
export type ImportedDraft = z.output<typeof importedDraft>;

export const importedFields = (given: ImportedDraft, clock: Clock): MemoryFields => {
  const fresh = fieldsOf(
    { ...given, sourceType: given.sourceType ?? "unknown", skipDedup: null, expectedVersion: null },
    clock,
  );
  return absent(given.expiresAt) ? fresh : { ...fresh, expiresAt: given.expiresAt };
};

export const importedIdentity = (
  given: ImportedDraft,
  onConflict: ImportedIdentity["onConflict"],
): ImportedIdentity => ({
  ...present({
    id: given.id,
    sourceInstance: given.sourceInstance,
    createdAt: given.createdAt,
    updatedAt: given.updatedAt,
    supersedes: given.supersedes,
  }),
  onConflict,
});
