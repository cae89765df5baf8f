/**
 * One queue for all callers of a model (EMB-4). A call's texts are looked up in the cache; what is missing is embedded
 * once however many want it, in batches that tenants fill in turn. A call that finds the queue full waits at the door.
 * Vectors that are handed out are copies: nobody can spoil what others get.
 */
import { setImmediate } from "node:timers/promises";
import { CairnError } from "@cairn/kernel/error";
import type { Embedder, EmbeddingUse, PassageText, PassageVectors } from "@cairn/memory/embedding/embedder";
import { cacheKey } from "../cache/cache-key.ts";
import { copyVectors, type VectorCache } from "../cache/vector-cache.ts";
import { type BatchFigures, type BatchWork, makeBatches } from "./batches.ts";
import type { Bounds } from "./fair-lines.ts";
import { makeRoom } from "./room.ts";
import type { TextKind, TextModel } from "./text-model.ts";

export interface QueueOptions {
  /** Shared among models and not closed with the embedder; none by default. */
  readonly cache?: VectorCache;
  /** How much of one tenant, and of all, may wait inside the queue; two and sixteen batches by default. */
  readonly waitingOfTenant?: Bounds;
  readonly waitingOfAll?: Bounds;
}

export interface QueueFigures extends BatchFigures {
  /** Texts of callers that found the same text already on its way. */
  readonly deduplicated: number;
  /** Texts that were called off before their batch began. */
  readonly calledOff: number;
  readonly waiting: Bounds;
  /** Callers for whose texts there was no room yet. */
  readonly waitingOutside: number;
}

export interface QueuedEmbedder extends Embedder {
  readonly figures: () => QueueFigures;
  /** Removes these passages from the cache, on disk too; false when the disk could not be written just now. */
  readonly forget: (passages: readonly PassageText[]) => boolean;
}

interface Call {
  readonly tenant: string;
  readonly kind: TextKind;
  readonly results: (PassageVectors | null)[];
  /** Texts without a result. */
  left: number;
  ended: boolean;
  readonly open: Set<Work>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Work extends BatchWork {
  state: "waiting" | "begun" | "calledOff";
  readonly waiters: { readonly call: Call; readonly index: number }[];
  readonly callOff: () => void;
}

/** Looked up in one go: about half a millisecond of hashing and reading. */
const slice: Bounds = { texts: 64, characters: 65_536 };
const times = (factor: number, { texts, characters }: Bounds): Bounds => ({
  texts: Math.max(slice.texts, texts * factor),
  characters: Math.max(slice.characters, characters * factor),
});

const closedError = (): CairnError => new CairnError("embedding.unavailable", "The embedder is closed.");
const calledOffError = (signal: AbortSignal): CairnError =>
  new CairnError("embedding.unavailable", "The embedding was called off.", {}, { cause: signal.reason });

/** The texts from `from` that make the next slice, at least one, and what they amount to. */
const nextSlice = (texts: readonly string[], from: number): Bounds => {
  let characters = texts[from]?.length ?? 0;
  let count = 1;
  for (; count < slice.texts && from + count < texts.length; count += 1) {
    const more = texts[from + count]?.length ?? 0;
    if (characters + more > slice.characters) break;
    characters += more;
  }
  return { texts: count, characters };
};

/** Closing it closes the model. Calls reject with `embedding.unavailable` then, and when their signal aborts. */
export const makeQueuedEmbedder = (model: TextModel, options: QueueOptions = {}): QueuedEmbedder => {
  const { cache, waitingOfTenant = times(2, model.batch), waitingOfAll = times(16, model.batch) } = options;
  const { id, dimensions } = model.model;
  const batches = makeBatches<Work>(model);
  const rooms = { query: makeRoom(waitingOfTenant, waitingOfAll), passage: makeRoom(waitingOfTenant, waitingOfAll) };
  const open = new Map<string, Work>();
  const calls = new Set<Call>();
  let deduplicated = 0;
  let calledOff = 0;
  let closing: Promise<void> | undefined;

  const end = (call: Call, error?: unknown): void => {
    if (call.ended) return;
    call.ended = true;
    calls.delete(call);
    if (error === undefined) return call.resolve();
    call.reject(error);
    for (const work of call.open) {
      if (work.state === "waiting" && work.waiters.every((waiter) => waiter.call.ended)) work.callOff();
    }
    call.open.clear();
  };

  const take = (call: Call, index: number, vectors: PassageVectors): void => {
    if (call.ended) return;
    call.results[index] = vectors;
    call.left -= 1;
    if (call.left === 0) end(call);
  };

  const addWork = ({ kind, tenant }: Call, key: string, text: string): Work => {
    const amount = { texts: 1, characters: text.length };
    const leave = (state: Work["state"]): void => {
      work.state = state;
      rooms[kind].leave(tenant, amount);
    };
    const work: Work = {
      kind,
      text,
      cost: text.length,
      state: "waiting",
      waiters: [],
      waits: () => work.state === "waiting",
      begin: () => leave("begun"),
      callOff: () => {
        calledOff += 1;
        open.delete(key);
        leave("calledOff");
      },
      done: (vectors) => {
        open.delete(key);
        cache?.put(key, vectors);
        for (const { call, index } of work.waiters) {
          call.open.delete(work);
          take(call, index, copyVectors(vectors));
        }
      },
      failed: (error) => {
        open.delete(key);
        for (const { call } of work.waiters) end(call, error);
      },
    };
    open.set(key, work);
    return work;
  };

  const want = (call: Call, index: number, key: string, text: string): void => {
    const known = open.get(key);
    const work = known ?? addWork(call, key, text);
    work.waiters.push({ call, index });
    call.open.add(work);
    if (known === undefined) return batches.add(call.tenant, work);
    deduplicated += 1;
    rooms[call.kind].leave(call.tenant, { texts: 1, characters: text.length });
    // It may be this tenant's turn first.
    if (work.state === "waiting") batches.add(call.tenant, work);
  };

  /** Brings in a call's texts, a slice after the other as there is room, until all are in or the call has ended. */
  const bringIn = async (call: Call, texts: readonly string[]): Promise<void> => {
    const room = rooms[call.kind];
    for (let from = 0; from < texts.length;) {
      const amount = nextSlice(texts, from);
      const entering = room.enter(call.tenant, amount);
      if (entering !== undefined) await entering;
      else if (from > 0) await setImmediate();
      if (call.ended) return room.leave(call.tenant, amount);
      const own = texts.slice(from, from + amount.texts);
      const keys = own.map((text) => cacheKey(id, call.kind, text));
      const found = cache?.get(keys, dimensions);
      for (const [at, text] of own.entries()) {
        const vectors = found?.[at] ?? null;
        if (vectors === null) {
          want(call, from + at, keys[at] ?? "", text);
          continue;
        }
        room.leave(call.tenant, { texts: 1, characters: text.length });
        take(call, from + at, vectors);
      }
      from += amount.texts;
    }
  };

  const embed = async (texts: readonly string[], kind: TextKind, use: EmbeddingUse) => {
    const { tenant = "", signal } = use;
    if (closing !== undefined) throw closedError();
    if (signal?.aborted === true) throw calledOffError(signal);
    if (texts.length === 0) return [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const results = Array.from<PassageVectors | null>({ length: texts.length }).fill(null);
    const call: Call = { tenant, kind, results, left: texts.length, ended: false, open: new Set(), resolve, reject };
    calls.add(call);
    const abort = (): void => end(call, signal === undefined ? closedError() : calledOffError(signal));
    signal?.addEventListener("abort", abort, { once: true });
    try {
      bringIn(call, texts).catch((error: unknown) => end(call, error));
      await promise;
      return results.map((vectors) => vectors ?? []);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  };

  const close = async (): Promise<void> => {
    for (const call of calls) end(call, closedError());
    batches.stop();
    await model.close();
  };

  return {
    model: model.model,
    embedQuery: async (text, use = {}) => {
      const [vectors] = await embed([model.queryText(text)], "query", use);
      return vectors?.[0] ?? new Float32Array(dimensions);
    },
    embedPassages: (passages, use = {}) =>
      embed(
        passages.map((passage) => model.passageText(passage)),
        "passage",
        use,
      ),
    figures: () => {
      const { texts, characters, outside } = rooms.passage.figures();
      const asked = rooms.query.figures();
      return {
        ...batches.figures(),
        deduplicated,
        calledOff,
        waiting: { texts: texts + asked.texts, characters: characters + asked.characters },
        waitingOutside: outside + asked.outside,
      };
    },
    forget: (passages) =>
      cache?.drop(passages.map((passage) => cacheKey(id, "passage", model.passageText(passage)))) ?? true,
    close: () => (closing ??= close()),
  };
};
