/**
 * Everything that storing a memory needs to know of its text, read once and without any store: which hashes it shares
 * with duplicates, its terms, whom and what it names, what it claims. Pure, so that a batch can be read outside the
 * thread that stores it.
 */
import { type Extraction, extractEntities } from "../entity/extract.ts";
import { analyze } from "../text/analyzer.ts";
import { attributeClaims, type Claim } from "./contradiction.ts";
import type { MemoryFields } from "./memory.ts";
import { type Sameness, samenessOf } from "./sameness.ts";

export interface Reading {
  readonly sameness: Sameness;
  readonly terms: readonly string[];
  readonly extraction: Extraction;
  readonly claims: readonly Claim[];
}

export type ReadableFields = Pick<MemoryFields, "content" | "author" | "occurredAt" | "sessionId" | "sessionSeq">;

export const readMemory = (fields: ReadableFields): Reading => {
  const { content, author } = fields;
  return {
    sameness: samenessOf(fields),
    terms: analyze(content),
    extraction: extractEntities(content, { author }),
    claims: attributeClaims(content, author === null ? {} : { author }),
  };
};
