/**
 * The two hashes by which an engine finds duplicates with an index look-up. What was said by whom, when and where is
 * part of a memory: "Thanks!" from two people, or on two days, are two memories.
 */
import { hash } from "node:crypto";
import { normalizedContent } from "./duplicate.ts";
import { markTokens } from "./marks.ts";
import type { MemoryFields } from "./memory.ts";

export interface Sameness {
  /** 16 bytes, equal for exact duplicates. */
  readonly identity: Uint8Array;
  /** 16 bytes, equal for near duplicates; vectors must then agree too. */
  readonly near: Uint8Array;
}

/** No part before the last holds U+0000, so that parts cannot be mistaken for each other. */
const digest = (...parts: readonly string[]): Uint8Array =>
  new Uint8Array(hash("sha256", parts.join("\0"), "buffer").subarray(0, 16));

/** A session alone is only where a fact was noted; with an author it is part of what was said. */
const occasion = (fields: Pick<MemoryFields, "author" | "occurredAt" | "sessionId" | "sessionSeq">): string =>
  JSON.stringify([
    fields.author?.normalize("NFKC").toLowerCase() ?? null,
    fields.occurredAt,
    fields.sessionSeq,
    fields.author === null ? null : fields.sessionId,
  ]);

export const samenessOf = (
  fields: Pick<MemoryFields, "content" | "author" | "occurredAt" | "sessionId" | "sessionSeq">,
): Sameness => {
  const said = occasion(fields);
  const words = markTokens(fields.content).map((token) => token.text);
  const exact = normalizedContent(fields.content);
  return {
    identity: digest(said, exact),
    near: digest(said, words.length === 0 ? exact : words.join("\u0001")),
  };
};
