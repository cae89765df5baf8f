/** Where the vectors of a projection lie: in the pool that all storage threads share, or beside it where that is full. */
import { isCairnError } from "@cairn/kernel/error";
import type { Arena } from "@cairn/store/arena/arena";
import type { StoredVector } from "@cairn/store/arena/stored-rows";
import { makeVectorSet } from "@cairn/store/arena/vector-set";
import type { MakeVectors } from "./projection.ts";

export const isPoolFull = (error: unknown): boolean => isCairnError(error) && error.code === "limit.exceeded";

/** `add` throws limit.exceeded when the pool is full. */
export const pooledVectors =
  (arena: Arena, namespace: string): MakeVectors =>
  (dimensions) =>
    makeVectorSet(arena, dimensions, { namespace });

/** In ordinary memory: each question costs a copy of them, and the answer is the same. */
export const spilledVectors =
  (arena: Arena, namespace: string): MakeVectors =>
  (dimensions) => {
    const rows = new Map<number, StoredVector[]>();
    const source = {
      all: function* () {
        for (const list of rows.values()) yield* list;
      },
      of: (doc: number) => rows.get(doc) ?? [],
    };
    const set = makeVectorSet(arena, dimensions, { namespace, source });
    return {
      ...set,
      add: (doc, bytes, scale) => {
        const row: StoredVector = [doc, new Uint8Array(bytes), scale];
        const known = rows.get(doc);
        if (known === undefined) rows.set(doc, [row]);
        else known.push(row);
        set.add(doc, bytes, scale);
      },
      remove: (doc) => {
        rows.delete(doc);
        set.remove(doc);
      },
    };
  };
