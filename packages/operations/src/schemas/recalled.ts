/** What a recall answers: TribalMemory's names, and ours beside them. */
import type { Explanation, RecallHit } from "@cairn/memory/recall/query";
import { z } from "zod";
import { memory, showMemory } from "./memory.ts";
import { sessionChunkFields, showSessionHit } from "./session.ts";

const signal = z.object({ raw: z.number(), weight: z.number(), contribution: z.number() });

const explanation = z.object({
  lexical: signal,
  dense: signal,
  author: signal,
  session: signal,
  time: signal,
  score: z.number().meta({ description: "The sum of the contributions." }),
  similarity: z.number().meta({ description: "The score calibrated to 0..1." }),
  filters: z.array(z.string()),
  permission: z.string(),
});

const common = {
  space: z.string(),
  similarityScore: z.number().meta({ description: "Calibrated relevance, 0 to 1." }),
  retrievalTimeMs: z.number(),
  explain: explanation.optional(),
} as const;

const memoryResult = z.object({
  type: z.literal("memory"),
  memory,
  ...common,
  neighbours: z.array(memory).meta({ description: "What was said around it in its session." }),
  conflicts: z.array(z.string()).meta({ description: "Memories that say otherwise about the same thing." }),
  stale: z.boolean().meta({ description: "No longer valid, or contradicted by something newer." }),
});

const sessionResult = z.object({ type: z.literal("session"), ...sessionChunkFields, ...common });

export const recallResult = z.discriminatedUnion("type", [memoryResult, sessionResult]);
export type ShownResult = z.output<typeof recallResult>;

const showExplanation = (given: Explanation): z.output<typeof explanation> => ({
  ...given,
  filters: [...given.filters],
});

export const showHit = (space: string, hit: RecallHit, milliseconds: number): ShownResult => {
  const shared = {
    space,
    similarityScore: hit.similarity,
    retrievalTimeMs: milliseconds,
    ...(hit.explain === undefined ? {} : { explain: showExplanation(hit.explain) }),
  };
  if (hit.type === "session") return { type: "session", ...showSessionHit(hit), ...shared };
  return {
    type: "memory",
    memory: showMemory(hit.memory),
    ...shared,
    neighbours: hit.neighbours.map(showMemory),
    conflicts: [...hit.conflicts],
    stale: hit.stale,
  };
};
