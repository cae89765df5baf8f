/** What a recall answers: TribalMemory's names, and ours beside them. */
import type { Reason } from "@cairn/memory/permission/decide";
import type { Explanation } from "@cairn/memory/recall/query";
import { z } from "zod";
import { memory, showMemory } from "./memory.ts";
import type { Found } from "../rerank/found.ts";
import { sessionChunkFields, sessionPassage, showSessionHit, showSessionPassage } from "./session.ts";

const signal = z.object({ raw: z.number(), weight: z.number(), contribution: z.number() });

const reranking = z.object({
  mode: z.enum(["heuristic", "cross-encoder"]),
  signals: z.record(z.string(), signal).meta({ description: "`first` is the part of what had been found at first." }),
  score: z.number().meta({ description: "The sum of the contributions." }),
  similarity: z.number().meta({ description: "What similarity_score shows." }),
});

const explanation = z.object({
  lexical: signal,
  dense: signal,
  author: signal,
  session: signal,
  time: signal,
  reply: signal.meta({ description: "A question that it answers matched." }),
  timeCue: signal.meta({ description: "You asked for a time, and it tells one." }),
  feedback: signal.meta({ description: "It shares telling words with the best of the first answer." }),
  score: z.number().meta({ description: "The sum of the contributions." }),
  similarity: z.number().meta({ description: "The score calibrated to 0..1." }),
  rerank: reranking.optional().meta({ description: "Where the best were ordered again: what decided in the end." }),
  filters: z.array(z.string()),
  permission: z.string().meta({
    description:
      "Why you may read its space: by your `role`, a `grant`, as its `owner`, because it is `public`, or as `local`, who has the machine.",
  }),
});

const common = {
  space: z.string(),
  similarityScore: z.number().meta({ description: "Calibrated relevance, 0 to 1." }),
  retrievalTimeMs: z.number(),
  explain: explanation.optional(),
} as const;

export const conflictIds = z
  .array(z.string())
  .meta({ description: "Memories that say otherwise about the same thing." });
export const stale = z.boolean().meta({ description: "No longer valid, or contradicted by something newer." });

const memoryResult = z.object({
  type: z.literal("memory"),
  memory,
  ...common,
  neighbours: z.array(memory).meta({ description: "What was said around it in its session." }),
  conflicts: conflictIds,
  stale,
});

const sessionResult = z.object({
  type: z.literal("session"),
  ...sessionChunkFields,
  ...common,
  neighbours: z.array(sessionPassage).meta({ description: "The passages around it in its session, in order." }),
  repeats: z.array(z.string()).meta({ description: "Ids of results, memories whose text is a turn of this passage." }),
});

export const recallResult = z.discriminatedUnion("type", [memoryResult, sessionResult]);
export type ShownResult = z.output<typeof recallResult>;

const showExplanation = (given: Explanation, reason: Reason | null): z.output<typeof explanation> => ({
  ...given,
  permission: reason ?? given.permission,
  filters: [...given.filters],
  ...(given.rerank === undefined ? {} : { rerank: { ...given.rerank, signals: { ...given.rerank.signals } } }),
});

/** `reason`: why its space was allowed. */
export const showHit = (
  { space, hit, repeats = [] }: Found,
  milliseconds: number,
  reason: Reason | null,
): ShownResult => {
  const shared = {
    space,
    similarityScore: hit.similarity,
    retrievalTimeMs: milliseconds,
    ...(hit.explain === undefined ? {} : { explain: showExplanation(hit.explain, reason) }),
  };
  if (hit.type === "session") {
    const neighbours = hit.neighbours.map(showSessionPassage);
    return { type: "session", ...showSessionHit(hit), ...shared, neighbours, repeats: [...repeats] };
  }
  return {
    type: "memory",
    memory: showMemory(hit.memory),
    ...shared,
    neighbours: hit.neighbours.map(showMemory),
    conflicts: [...hit.conflicts],
    stale: hit.stale,
  };
};
