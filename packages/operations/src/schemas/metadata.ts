/** `metadata`: any JSON object of the caller's own, bounded in bytes and depth, free of what JSON cannot say. */
import { limits, type JsonObject } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { textProblem } from "./text.ts";

const textBounds = { name: "metadata", max: limits.metadataBytes, min: 0 } as const;

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** Walks with a list instead of recursion: a depth of 100,000 must be an answer, not a stack overflow. */
const structureProblem = (root: object): string | null => {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 1 }];
  let seen = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    seen += 1;
    // Each value takes at least two bytes with its comma or bracket.
    if (seen > limits.metadataBytes) return `metadata must be at most ${limits.metadataBytes} bytes of JSON`;
    if (typeof value === "string") {
      const problem = textProblem(value, textBounds);
      if (problem !== null) return problem;
    } else if (typeof value === "number") {
      if (!Number.isFinite(value)) return "metadata must hold finite numbers only";
    } else if (Array.isArray(value) || isPlainObject(value)) {
      if (depth > limits.metadataDepth) return `metadata must be at most ${limits.metadataDepth} levels deep`;
      for (const [key, inner] of Object.entries(value)) {
        const problem = textProblem(key, textBounds);
        if (problem !== null) return problem;
        waiting.push({ value: inner, depth: depth + 1 });
      }
    } else if (value !== null && typeof value !== "boolean") {
      return "metadata must hold JSON values only";
    }
  }
  return null;
};

export const metadataProblem = (value: object): string | null => {
  const problem = structureProblem(value);
  if (problem !== null) return problem;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= limits.metadataBytes) return null;
  return `metadata must be at most ${limits.metadataBytes} bytes of JSON; this has ${bytes}`;
};

/** `unknown` instead of `record`: a record is rebuilt key by key, which would lose a key named `__proto__`. */
export const metadata = z
  .unknown()
  .check((context) => {
    const { value } = context;
    const problem = isPlainObject(value) ? metadataProblem(value) : "metadata must be a JSON object";
    if (problem !== null) context.issues.push({ code: "custom", message: problem, input: value });
  })
  .transform((given) => given as JsonObject)
  .meta({
    type: "object",
    additionalProperties: true,
    description: `Any JSON object of yours: at most ${limits.metadataBytes} bytes and ${limits.metadataDepth} levels.`,
  });

/** Metadata as shown: what was stored. */
export const shownMetadata = z.record(z.string(), z.unknown()).meta({ description: "The writer's own JSON object." });
