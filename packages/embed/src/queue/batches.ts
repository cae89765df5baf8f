/**
 * Batches for one model: takes texts from the lines when the model is free, questions always before passages. Where
 * the model takes several calls at once, one of them is kept for questions, so that these never wait for an import.
 */
import { CairnError, isCairnError } from "@cairn/kernel/error";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import { type FairLines, makeFairLines, type Queued } from "./fair-lines.ts";
import type { TextKind, TextModel } from "./text-model.ts";

export interface BatchWork extends Queued {
  readonly kind: TextKind;
  readonly text: string;
  readonly done: (vectors: PassageVectors) => void;
  readonly failed: (error: unknown) => void;
}

export interface BatchFigures {
  readonly batches: number;
  /** Texts that the model was asked for, and their characters. */
  readonly texts: number;
  readonly characters: number;
  readonly running: number;
  readonly failedBatches: number;
  readonly failedTexts: number;
  readonly milliseconds: number;
}

export interface Batches<Work extends BatchWork> {
  readonly add: (tenant: string, work: Work) => void;
  readonly figures: () => BatchFigures;
  /** Calls off what runs; whatever waits stays where it is. */
  readonly stop: () => void;
}

const badAnswer = (): CairnError =>
  new CairnError("embedding.unavailable", "The embedding model answered with vectors of another form than its own.");

const checked = (vectors: readonly PassageVectors[], count: number, dimensions: number): readonly PassageVectors[] => {
  const fits = vectors.length === count && vectors.every((own) => own.every(({ length }) => length === dimensions));
  if (!fits) throw badAnswer();
  return vectors;
};

/** One text that the model cannot bear must not fail the others; a model that cannot be reached fails them all. */
const isOfATextAlone = (error: unknown): boolean => !isCairnError(error) || error.code !== "embedding.unavailable";

export const makeBatches = <Work extends BatchWork>(model: TextModel): Batches<Work> => {
  const { batch } = model;
  const lines: Readonly<Record<TextKind, FairLines<Work>>> = { query: makeFairLines(), passage: makeFairLines() };
  const mostPassageCalls = Math.max(1, batch.calls - 1);
  const running: Record<TextKind, number> = { query: 0, passage: 0 };
  const controller = new AbortController();
  let scheduled = false;
  let batches = 0;
  let texts = 0;
  let characters = 0;
  let failedBatches = 0;
  let failedTexts = 0;
  let milliseconds = 0;

  const encode = async (works: readonly Work[], kind: TextKind): Promise<void> => {
    try {
      const given = works.map(({ text }) => text);
      const vectors = checked(await model.encode(given, kind, controller.signal), works.length, model.model.dimensions);
      for (const [index, work] of works.entries()) work.done(vectors[index] ?? []);
    } catch (error) {
      if (works.length > 1 && isOfATextAlone(error) && !controller.signal.aborted) {
        const half = works.length >> 1;
        await encode(works.slice(0, half), kind);
        await encode(works.slice(half), kind);
        return;
      }
      failedTexts += works.length;
      for (const work of works) work.failed(error);
    }
  };

  const run = async (kind: TextKind): Promise<void> => {
    const works = lines[kind].take(batch);
    if (works.length === 0) return;
    running[kind] += 1;
    batches += 1;
    texts += works.length;
    for (const { text } of works) characters += text.length;
    const failedBefore = failedTexts;
    const started = performance.now();
    await encode(works, kind);
    milliseconds += performance.now() - started;
    if (failedTexts > failedBefore) failedBatches += 1;
    running[kind] -= 1;
    schedule();
  };

  const nextKind = (): TextKind | null => {
    if (controller.signal.aborted || running.query + running.passage >= batch.calls) return null;
    if (lines.query.any()) return "query";
    return running.passage < mostPassageCalls && lines.passage.any() ? "passage" : null;
  };

  /** Once for everything that came in this turn of the event loop: that is what makes batches out of single calls. */
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      for (let kind = nextKind(); kind !== null; kind = nextKind()) void run(kind);
    });
  };

  return {
    add: (tenant, work) => {
      lines[work.kind].push(tenant, work);
      schedule();
    },
    figures: () => ({
      batches,
      texts,
      characters,
      running: running.query + running.passage,
      failedBatches,
      failedTexts,
      milliseconds,
    }),
    stop: () => controller.abort(),
  };
};
