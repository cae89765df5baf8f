/** The vectors of a space as a write transaction leaves them: stored, copied, awaited, erased. */
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import type { VectorRank, VectorSlot, VectorStore } from "@cairn/memory/write/write-store";
import { vectorRank } from "@cairn/memory/write/write-store";
import type { SpaceState } from "../read/space-state.ts";
import { type Facts, pairKey } from "./facts.ts";
import type { Numbering } from "./numbering.ts";

interface OfDocument {
  readonly generation: number;
  readonly doc: number;
}

export interface VectorOverlay {
  readonly store: VectorStore;
  readonly stored: ReadonlyMap<string, OfDocument & { readonly vectors: PassageVectors }>;
  /** `doc` gets what `from` has. */
  readonly copied: ReadonlyMap<string, OfDocument & { readonly from: number }>;
  readonly awaiting: ReadonlyMap<string, OfDocument & { readonly rank: VectorRank }>;
  readonly wordless: ReadonlyMap<string, OfDocument>;
  readonly stopped: ReadonlyMap<string, OfDocument>;
  readonly last: ReadonlySet<number>;
  readonly erased: ReadonlySet<number>;
  /** Documents by the number under which servers hear of their late vectors. */
  readonly late: ReadonlyMap<number, number>;
}

export const makeVectorOverlay = (facts: Facts, state: SpaceState, numbers: Numbering): VectorOverlay => {
  const stored = new Map<string, OfDocument & { vectors: PassageVectors }>();
  const copied = new Map<string, OfDocument & { from: number }>();
  const awaiting = new Map<string, OfDocument & { rank: VectorRank }>();
  const wordless = new Map<string, OfDocument>();
  const stopped = new Map<string, OfDocument>();
  const last = new Set<number>();
  const erased = new Set<number>();
  const late = new Map<number, number>();
  const { own, next, epoch } = state;
  const generations = [epoch, ...(next === null ? [] : [next.generation])];
  const generationOf = (slot: VectorSlot): number => (slot === "own" ? epoch : (next?.generation ?? epoch));
  const isNew = (doc: number): boolean => doc > state.lastDoc;

  const store: VectorStore = {
    models: () => ({ own: own?.model ?? null, next: next?.model ?? null }),
    firstVector: (doc) => {
      const key = pairKey(epoch, doc);
      const mine = stored.get(key);
      if (mine !== undefined) return mine.vectors[0] ?? null;
      const source = copied.get(key)?.from ?? doc;
      return isNew(source) || erased.has(source) ? null : facts.get("firstVector", pairKey(epoch, source), null);
    },
    storeVectors: (slot, doc, vectors) => {
      const generation = generationOf(slot);
      stored.set(pairKey(generation, doc), { generation, doc, vectors });
    },
    copyVectors: (slot, from, to) => {
      const generation = generationOf(slot);
      const key = pairKey(generation, from);
      const mine = stored.get(key);
      if (mine !== undefined) {
        stored.set(pairKey(generation, to), { ...mine, doc: to });
        return true;
      }
      const source = copied.get(key)?.from ?? from;
      const has = !isNew(source) && !erased.has(source) && facts.get("hasVectors", pairKey(generation, source), false);
      if (has) copied.set(pairKey(generation, to), { generation, doc: to, from: source });
      return has;
    },
    eraseVectors: (doc) => {
      erased.add(doc);
      for (const generation of generations)
        for (const map of [stored, copied, awaiting, wordless, stopped]) map.delete(pairKey(generation, doc));
    },
    isWordless: (slot, doc) => {
      const key = pairKey(generationOf(slot), doc);
      return wordless.has(key) || (!isNew(doc) && !erased.has(doc) && facts.get("wordless", key, false));
    },
    noteWordless: (slot, doc) => {
      const generation = generationOf(slot);
      wordless.set(pairKey(generation, doc), { generation, doc });
    },
    noteAwaiting: (slot, rank, doc) => {
      const generation = generationOf(slot);
      awaiting.set(pairKey(generation, doc), { generation, rank, doc });
    },
    awaitLast: (doc) => {
      if (!isNew(doc)) last.add(doc);
      for (const generation of generations) {
        const mine = awaiting.get(pairKey(generation, doc));
        if (mine !== undefined) awaiting.set(pairKey(generation, doc), { ...mine, rank: vectorRank.closed });
      }
    },
    stopAwaiting: (slot, doc) => {
      const generation = generationOf(slot);
      const key = pairKey(generation, doc);
      if (awaiting.delete(key)) return true;
      if (isNew(doc) || erased.has(doc) || stopped.has(key) || !facts.get("awaiting", key, false)) return false;
      stopped.set(key, { generation, doc });
      return true;
    },
    noteLate: (doc) => void late.set(++numbers.late, doc),
  };
  return { store, stored, copied, awaiting, wordless, stopped, last, erased, late };
};
