import { limits } from "@cairn/memory/memory/memory";
import { z } from "zod";
import { defineOperation } from "../../operation.ts";
import { makeQuestion } from "../../question.ts";
import { numberOr, present, wholeOr } from "../../schemas/common.ts";
import { sessionId } from "../../schemas/fields.ts";
import { sessionChunkFields, showSessionHit } from "../../schemas/session.ts";
import { inSpace } from "../../schemas/space.ts";
import { text } from "../../schemas/text.ts";

export const searchSessions = defineOperation({
  name: "sessions.search",
  summary: "Search conversations",
  description: "Finds passages of session transcripts, the most relevant first; all sessions, or one.",
  input: z.object({
    query: text({ name: "query", max: limits.queryCharacters, describe: "What you want to know." }),
    sessionId: sessionId.nullish(),
    limit: wholeOr("limit", 1, 50, 5),
    offset: wholeOr("offset", 0, 10_000, 0),
    // TribalMemory's clients pass -1 for "everything"; scores are never below 0.
    minRelevance: numberOr("min_relevance", -1, 1, 0, "Leaves out what is less relevant than this."),
    ...inSpace,
  }),
  output: z.object({
    results: z.array(z.object(sessionChunkFields)),
    query: z.string(),
    totalCount: z.int(),
    offset: z.int(),
    limit: z.int(),
    hasMore: z.boolean(),
    error: z.string().nullable(),
  }),
  permission: "memories:read",
  audit: "read",
  usage: () => ({ queries: 1, embeddings: 1 }),
  expects: ({ limit }) => ({ queries: 1, embeddings: 1, results: limit }),
  run: async (context, input) => {
    const { query, limit, offset } = input;
    const space = await context.space(input.space);
    const { answer } = await makeQuestion(context, query, null).ask(space, {
      limit,
      offset,
      minRelevance: Math.max(0, input.minRelevance),
      include: "sessions",
      now: context.clock(),
      ...present({ sessionId: input.sessionId }),
    });
    const results = answer.hits.flatMap((hit) => (hit.type === "session" ? [showSessionHit(hit)] : []));
    const hasMore = offset + results.length < answer.total;
    return { results, query, totalCount: answer.total, offset, limit, hasMore, error: null };
  },
});
