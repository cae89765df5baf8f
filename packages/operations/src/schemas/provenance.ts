/**
 * Where a memory comes from, and how far that is believed (MEM-11). The server decides: a client may say less than
 * what follows from the source, never more. Text that has a web address or a file as its source is web or document
 * text, whoever hands it over.
 */
import { sourceTypes, trustLevels, type SourceType, type Trust } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { absent } from "../absent.ts";

/** TribalMemory's own plugin sends `deliberate`, a name that its server does not know. */
const aliases: Readonly<Record<string, SourceType>> = { deliberate: "user_explicit" };

export const sourceType = z
  .string()
  .transform((given, context): SourceType => {
    const known =
      sourceTypes.find((type) => type === given) ?? (Object.hasOwn(aliases, given) ? aliases[given] : undefined);
    if (known !== undefined) return known;
    context.issues.push({
      code: "custom",
      message: `source_type must be one of ${sourceTypes.join(", ")}`,
      input: given,
    });
    return z.NEVER;
  })
  .meta({
    enum: [...sourceTypes, ...Object.keys(aliases)],
    description: "How it came about; user_explicit when a person asked to remember it.",
  });

const ofType: Readonly<Record<SourceType, Trust>> = {
  user_explicit: "person",
  correction: "person",
  auto_capture: "agent",
  cross_instance: "agent",
  legacy: "agent",
  unknown: "agent",
};

const ofUri = (uri: string | null): Trust | null => {
  if (uri === null) return null;
  if (/^https?:/iu.test(uri)) return "web";
  return /^file:/iu.test(uri) ? "document" : null;
};

/** The less trusted of the levels given. */
export const weakest = (...levels: readonly (Trust | null | undefined)[]): Trust =>
  levels.reduce<Trust>(
    (least, level) => (!absent(level) && trustLevels.indexOf(level) > trustLevels.indexOf(least) ? level : least),
    "person",
  );

/** The trust of a new memory: what its source earns, or less where the client asks for less. */
export const trustOf = (source: {
  readonly sourceType: SourceType;
  readonly sourceUri: string | null;
  readonly asked?: Trust | null | undefined;
}): Trust => weakest(ofType[source.sourceType], ofUri(source.sourceUri), source.asked);

/** The trust that the address of a source allows at most. */
export const mostTrustOfUri = (uri: string | null): Trust => ofUri(uri) ?? "person";
