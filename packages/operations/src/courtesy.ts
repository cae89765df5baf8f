/**
 * Questions before imports, on the thread that serves the edges (EMB-4). Reading and embedding the texts of a batch is
 * cut into short slices; before each the batch gives way, and goes on when its turn has come: one slice of all batches
 * between two looks at what has arrived, and none while a question is under way, though never for long, so that an
 * import gets on whatever is asked meanwhile.
 */
import { originalEngine } from "./guarded-engine.ts";
import type { Services } from "./context.ts";

type Engine = Services["engine"];

interface Courtesy {
  questions: number;
  lastQuestion: number;
  readonly waiting: (() => void)[];
}

/**
 * The stand before each slice while somebody asks, and the longest one. With 1 ms an import let another tenant's p95 rise
 * to 1.6 to 2 times what it was alone, with 2 ms to 1.6, with 4 ms to 1.2, at half the speed of the import (two cores).
 */
const leastStandMs = 3;
const mostStandMs = 10;
/** How long a question is remembered: who asks once asks again. */
const rememberedMs = 100;
/** How long a slice may take where nobody has asked lately, and where somebody has. */
const sliceMs = 2;
const shortSliceMs = 0.5;

const courtesies = new WeakMap<Engine, Courtesy>();

const courtesyOf = (given: Engine): Courtesy => {
  const engine = originalEngine(given);
  const known = courtesies.get(engine);
  if (known !== undefined) return known;
  const made: Courtesy = { questions: 0, lastQuestion: Number.NEGATIVE_INFINITY, waiting: [] };
  courtesies.set(engine, made);
  return made;
};

/** Runs what answers a question; until it is done, imports hold back. */
export const asking = async <T>(engine: Engine, answer: () => Promise<T>): Promise<T> => {
  const courtesy = courtesyOf(engine);
  courtesy.questions++;
  courtesy.lastQuestion = performance.now();
  try {
    return await answer();
  } finally {
    courtesy.questions--;
    courtesy.lastQuestion = performance.now();
  }
};

const isAsked = (courtesy: Courtesy, now: number): boolean => now - courtesy.lastQuestion < rememberedMs;

const letOneGoOn = (courtesy: Courtesy, since: number): void => {
  if (courtesy.questions > 0 && performance.now() - since < mostStandMs) {
    setTimeout(letOneGoOn, 1, courtesy, since);
    return;
  }
  courtesy.waiting.shift()?.();
  if (courtesy.waiting.length > 0) schedule(courtesy);
};

/** While somebody asks, a core is left to whoever answers after each slice. */
const schedule = (courtesy: Courtesy): void => {
  const now = performance.now();
  if (isAsked(courtesy, now)) setTimeout(letOneGoOn, leastStandMs, courtesy, now);
  else setImmediate(letOneGoOn, courtesy, now);
};

export interface Slice {
  /** To be awaited between two pieces of work; resolves at once while the slice lasts. */
  readonly giveWay: () => Promise<void>;
}

/** The slices of one batch; the first begins when `giveWay` has been awaited once. */
export const makeSlices = (engine: Engine): Slice => {
  const courtesy = courtesyOf(engine);
  let until = Number.NEGATIVE_INFINITY;
  return {
    giveWay: async () => {
      if (performance.now() < until) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      if (courtesy.waiting.push(resolve) === 1) schedule(courtesy);
      await promise;
      const now = performance.now();
      until = now + (isAsked(courtesy, now) ? shortSliceMs : sliceMs);
    },
  };
};
