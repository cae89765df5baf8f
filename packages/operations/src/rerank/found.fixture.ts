/** Results as an engine gives them, for tests of what happens to them afterwards. */
import type { Memory } from "@cairn/memory/memory/memory";
import type { Explanation, SessionChunk } from "@cairn/memory/recall/query";
import type { Found } from "./found.ts";

const none = { raw: 0, weight: 1, contribution: 0 };

export const explained = (similarity: number): Explanation => ({
  lexical: none,
  dense: none,
  author: none,
  session: none,
  time: none,
  reply: none,
  timeCue: none,
  feedback: none,
  score: 0,
  similarity,
  filters: [],
  permission: "it is a test",
});

export const memoryFound = (content: string, similarity: number, more: Partial<Memory> = {}, space = "s"): Found => ({
  space,
  hit: {
    type: "memory",
    memory: { id: content, content, author: null, occurredAt: null, sessionSeq: null, createdAt: 0, ...more } as Memory,
    similarity,
    neighbours: [],
    conflicts: [],
    stale: false,
    explain: explained(similarity),
  },
});

export const chunkOf = (content: string, more: Partial<SessionChunk> = {}): SessionChunk => ({
  chunkId: `chunk of ${content}`,
  sessionId: "talk",
  instanceId: "laptop",
  content,
  startTime: Date.UTC(2024, 4, 8),
  endTime: Date.UTC(2024, 4, 8),
  chunkIndex: 0,
  ...more,
});

export const chunkFound = (content: string, similarity: number, space = "s"): Found => ({
  space,
  hit: { type: "session", chunk: chunkOf(content), similarity, neighbours: [], explain: explained(similarity) },
});
