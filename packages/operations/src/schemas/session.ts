/** Chunks of session transcripts as found. */
import type { SessionChunk, SessionHit } from "@cairn/memory/recall/query";
import { toRfc3339 } from "@cairn/kernel/clock";
import { z } from "zod";
import { shownInstant } from "./instant.ts";

const passageFields = {
  chunkId: z.string(),
  sessionId: z.string(),
  instanceId: z.string(),
  content: z.string(),
  startTime: shownInstant("When its first message was said."),
  endTime: shownInstant("When its last message was said."),
  chunkIndex: z.int(),
} as const;

export const sessionPassage = z.object(passageFields);

export const sessionChunkFields = {
  ...passageFields,
  similarityScore: z.number().meta({ description: "Calibrated relevance, 0 to 1." }),
} as const;

const sessionChunk = z.object(sessionChunkFields);

export const showSessionPassage = (chunk: SessionChunk): z.output<typeof sessionPassage> => ({
  chunkId: chunk.chunkId,
  sessionId: chunk.sessionId,
  instanceId: chunk.instanceId,
  content: chunk.content,
  startTime: toRfc3339(chunk.startTime),
  endTime: toRfc3339(chunk.endTime),
  chunkIndex: chunk.chunkIndex,
});

export const showSessionHit = ({ chunk, similarity }: SessionHit): z.output<typeof sessionChunk> => ({
  ...showSessionPassage(chunk),
  similarityScore: similarity,
});
