/** Results of a recall on their way from the engine to the answer. */
import type { Memory } from "@cairn/memory/memory/memory";
import type { RecallHit } from "@cairn/memory/recall/query";

export interface Found {
  readonly space: string;
  readonly hit: RecallHit;
  /** Of a chunk: ids of memories in the same answer whose text is one of its turns (`repeats.ts`). */
  readonly repeats?: readonly string[];
}

export const idOf = ({ hit }: Found): string => (hit.type === "memory" ? hit.memory.id : hit.chunk.chunkId);
export const contentOf = ({ hit }: Found): string => (hit.type === "memory" ? hit.memory.content : hit.chunk.content);

/** Calibrated scores mean the same in every space and in transcripts, so that lists merge by them; ids decide ties. */
export const byRelevance = (one: Found, other: Found): number =>
  other.hit.similarity - one.hit.similarity || (idOf(one) < idOf(other) ? -1 : 1);

const place = (one: Memory, other: Memory): number =>
  (one.sessionSeq ?? 0) - (other.sessionSeq ?? 0) ||
  one.createdAt - other.createdAt ||
  (one.id < other.id ? -1 : Number(one.id > other.id));

/** The neighbour just before a memory in its session, where the engine gave it. */
export const turnBefore = ({ hit }: Found): Memory | null =>
  hit.type === "memory" ? (hit.neighbours.findLast((neighbour) => place(neighbour, hit.memory) < 0) ?? null) : null;

export const withoutNeighbours = (found: Found): Found => ({ ...found, hit: { ...found.hit, neighbours: [] } });
