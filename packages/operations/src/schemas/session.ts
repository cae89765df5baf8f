/** Chunks of session transcripts as found. */
import type { SessionHit } from "@cairn/memory/recall/query";
import { toRfc3339 } from "@cairn/kernel/clock";
import { z } from "zod";
import { shownInstant } from "./instant.ts";

export const sessionChunkFields = {
  chunkId: z.string(),
  sessionId: z.string(),
  instanceId: z.string(),
  content: z.string(),
  similarityScore: z.number().meta({ description: "Calibrated relevance, 0 to 1." }),
  startTime: shownInstant("When its first message was said."),
  endTime: shownInstant("When its last message was said."),
  chunkIndex: z.int(),
} as const;

const sessionChunk = z.object(sessionChunkFields);

export const showSessionHit = ({ chunk, similarity }: SessionHit): z.output<typeof sessionChunk> => ({
  chunkId: chunk.chunkId,
  sessionId: chunk.sessionId,
  instanceId: chunk.instanceId,
  content: chunk.content,
  similarityScore: similarity,
  startTime: toRfc3339(chunk.startTime),
  endTime: toRfc3339(chunk.endTime),
  chunkIndex: chunk.chunkIndex,
});
