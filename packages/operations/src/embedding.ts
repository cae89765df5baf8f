/**
 * Embedding before a write, outside any transaction, in the model of the space. What cannot be embedded in time is
 * stored without vectors: words find it at once, and its vectors follow (EMB-4).
 */
import { isCairnError } from "@cairn/kernel/error";
import type { Embedder, EmbeddingModel, PassageText, PassageVectors } from "@cairn/memory/embedding/embedder";
import { originalEngine } from "./guarded-engine.ts";
import type { Services } from "./context.ts";

export type EmbeddingServices = Pick<Services, "embedder" | "embedderOf" | "engine" | "settings" | "vectorsDue">;

/** How long it is believed that a space is still of the model that it was of. */
const knownForMs = 5_000;
const mostKnown = 10_000;

interface Known {
  readonly model: EmbeddingModel | null;
  readonly until: number;
}
const knownModels = new WeakMap<Services["engine"], Map<string, Known>>();

const knownOf = (given: Services["engine"]): Map<string, Known> => {
  const engine = originalEngine(given);
  const known = knownModels.get(engine) ?? new Map<string, Known>();
  knownModels.set(engine, known);
  return known;
};

/** Notes the model that a space was just seen to be of. */
export const noteSpaceModel = (engine: Services["engine"], space: string, model: EmbeddingModel | null): void => {
  const known = knownOf(engine);
  if (known.size >= mostKnown) known.clear();
  known.set(space, { model, until: performance.now() + knownForMs });
};

const seenModel = async (engine: Services["engine"], space: string): Promise<EmbeddingModel | null> => {
  const known = knownOf(engine).get(space);
  if (known !== undefined && known.until > performance.now()) return known.model;
  const { model } = await engine.read(space).vectorState();
  noteSpaceModel(engine, space, model);
  return model;
};

/** The model of a space's vectors; what it will be, for a new space. */
export const modelFor = async (services: EmbeddingServices, space: string): Promise<EmbeddingModel> =>
  (await seenModel(services.engine, space)) ?? services.embedder.model;

/** The embedder of the space's model: the configured one for a new space, null when this server has none. */
export const embedderFor = async (services: EmbeddingServices, space: string): Promise<Embedder | null> => {
  const { embedder, embedderOf } = services;
  const { id } = await modelFor(services, space);
  return id === embedder.model.id ? embedder : embedderOf(id);
};

export interface StorageVectors {
  /** Of each passage, in order; empty where there is none (yet). */
  readonly vectors: readonly PassageVectors[];
  readonly vectorModel: string;
}

const withoutVectors = (services: EmbeddingServices, space: string, count: number): StorageVectors => {
  services.vectorsDue(space);
  return { vectors: Array.from({ length: count }, () => []), vectorModel: services.embedder.model.id };
};

/** Resolves to null when `milliseconds` are over first; the work goes on, so that its result is in the cache. */
const within = async <T>(work: Promise<T>, milliseconds: number): Promise<T | null> => {
  if (milliseconds === Infinity) return work;
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, milliseconds, null);
  // Once time is up, a later failure of the embedder concerns nobody.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** A model in this process is as near as the disk: it is waited for, so that a memory is found by meaning at once. */
const overNetwork = ({ model }: Embedder): boolean => model.provider === "openai";

export const embedForStorage = async (
  services: EmbeddingServices,
  space: string,
  passages: readonly PassageText[],
): Promise<StorageVectors> => {
  if (passages.length === 0) return { vectors: [], vectorModel: services.embedder.model.id };
  const embedder = await embedderFor(services, space);
  if (embedder === null) return withoutVectors(services, space, passages.length);
  try {
    // Callers hand over whole memories; the embedder, which may be another thread, gets what it reads.
    const work = embedder.embedPassages(
      passages.map(({ content, author, occurredAt }) => ({ content, author, occurredAt })),
      { tenant: space },
    );
    const vectors = await within(work, overNetwork(embedder) ? services.settings.embeddingDeadlineMs : Infinity);
    return vectors === null
      ? withoutVectors(services, space, passages.length)
      : { vectors, vectorModel: embedder.model.id };
  } catch (error) {
    if (isCairnError(error) && error.code === "embedding.unavailable")
      return withoutVectors(services, space, passages.length);
    throw error;
  }
};
