/**
 * The place that opens embedders from settings (EMB-2 to EMB-5): the built-in one, a service, or a model in this
 * process; and those that a space still needs because its vectors are of another model. When the chosen one cannot be
 * opened, the built-in one stands in, with one warning that says what mends it: recall and remember go on.
 */
import { makeVectorCache, type VectorCache } from "@cairn/embed/cache/vector-cache";
import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import { type CairnError, isCairnError, toCairnError } from "@cairn/kernel/error";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import type { PairScorer } from "@cairn/memory/recall/reranker";
import type { EmbeddingFigures } from "@cairn/operations/operations/embedder/figures";
import type { Settings } from "../settings.ts";
import { cacheFolder, foldersFor, openFolder, openService, type Source } from "./sources.ts";

export type EmbedderChoices = Pick<Settings, "data" | "embedding" | "reranker">;

export interface Embedders {
  readonly current: Embedder;
  /** The built-in embedder stands in for one that could not be opened. */
  readonly fallback: boolean;
  /** An embedder of the model with that id; null when this machine has none now. */
  readonly of: (modelId: string) => Promise<Embedder | null>;
  /** Null when none is set, or it cannot be opened. */
  readonly pairScorer: PairScorer | null;
  readonly figures: () => EmbeddingFigures;
  readonly close: () => Promise<void>;
}

export interface OpenEmbeddersOptions {
  /** Takes lines for people. */
  readonly warn: (line: string) => void;
  /** Milliseconds; for how long a model that was not found is not looked for again. */
  readonly clock?: () => number;
}

const missedForMs = 60_000;

/** What the ids of a service's model begin with, as `remoteModelId` makes them. */
const remoteModelPrefix = (model: string): string => `openai:${model.replace(/\s+/gu, "-")}@`;

const withHint = ({ message, data }: CairnError): string =>
  data.hint === undefined ? message : `${message} ${data.hint}`;

const makeCache = async ({ data, embedding }: EmbedderChoices, warn: (line: string) => void): Promise<VectorCache> => {
  const { cacheBytes: memoryBytes, diskCacheBytes: bytes } = embedding;
  if (bytes === 0) return makeVectorCache({ memoryBytes, disk: null });
  const { openDiskCache } = await import("@cairn/embed/cache/disk-cache");
  return makeVectorCache({ memoryBytes, disk: openDiskCache({ folder: cacheFolder(data), bytes, warn }) });
};

const openPairScorer = async (folder: string | null, warn: (line: string) => void): Promise<PairScorer | null> => {
  if (folder === null) return null;
  try {
    const { openPairModel } = await import("@cairn/embed/onnx/pair-model");
    return await openPairModel({ folder });
  } catch (error) {
    warn(`The reranker cannot be used: ${withHint(toCairnError(error))} Answers keep their first order.`);
    return null;
  }
};

/** Throws `config.invalid` for settings that cannot work, and `embedding.unavailable` for a damaged installation. */
export const openEmbedders = async (
  choices: EmbedderChoices,
  { warn, clock = () => performance.now() }: OpenEmbeddersOptions,
): Promise<Embedders> => {
  const { data, embedding, reranker } = choices;
  const chosen = embedding.embedder;
  const builtin = makeStaticEmbedder();
  let madeCache: Promise<VectorCache> | undefined;
  let cache: VectorCache | undefined;
  const shared = async (): Promise<VectorCache> => (cache = await (madeCache ??= makeCache(choices, warn)));
  const sources = new Map<string, Source>();
  const folderIds = new Map<string, string>();
  const missed = new Map<string, number>();
  const looking = new Map<string, Promise<Embedder | null>>();
  let closing: Promise<void> | undefined;

  /** The models that the settings name, whether or not they are the chosen one. */
  const openChosen = async (): Promise<Source> => {
    if (chosen === "openai") return openService(embedding, data, await shared(), warn);
    const { findModel } = await import("@cairn/embed/models/model-places");
    return openFolder(await findModel(chosen, data), data, await shared());
  };

  const keep = async (source: Source): Promise<Source> => {
    const { id } = source.embedder.model;
    const known = sources.get(id);
    if (known !== undefined || closing !== undefined) await source.embedder.close();
    if (known !== undefined) return known;
    if (closing === undefined) sources.set(id, source);
    return source;
  };

  const openCurrent = async (): Promise<Source | null> => {
    if (chosen === "builtin") return null;
    try {
      return await keep(await openChosen());
    } catch (error) {
      if (isCairnError(error) && error.code === "config.invalid") throw error;
      warn(
        `The embedder ${chosen} cannot be used: ${withHint(toCairnError(error))} The built-in embedder goes on; ` +
          "spaces of the other model are searched by words until it is back and Cairn is started again.",
      );
      return null;
    }
  };

  const source = await openCurrent();
  const current = source?.embedder ?? builtin;
  const fallback = source === null && chosen !== "builtin";
  const pairScorer = await openPairScorer(reranker, warn);

  /** What might be the model with that id, the likeliest first. */
  const candidates = async function* (id: string): AsyncGenerator<() => Promise<Source>> {
    if (id.startsWith("openai:")) {
      const { url, model } = embedding;
      if (url === null || model === null || !id.startsWith(remoteModelPrefix(model))) return;
      yield async () => openService(embedding, data, await shared(), warn);
      const dimensions = Number(/@(\d{1,5})\//u.exec(id)?.[1] ?? 0);
      if (dimensions > 0 && dimensions !== embedding.dimensions)
        yield async () => openService({ ...embedding, dimensions }, data, await shared(), warn);
      return;
    }
    if (fallback && chosen !== "openai") yield openChosen;
    for (const place of await foldersFor(id, data)) {
      if ((folderIds.get(place.folder) ?? id) !== id) continue;
      yield async () => {
        const opened = await openFolder(place, data, await shared());
        folderIds.set(place.folder, opened.embedder.model.id);
        return opened;
      };
    }
  };

  const look = async (id: string): Promise<Embedder | null> => {
    for await (const open of candidates(id)) {
      const opened = await open().catch(() => null);
      if (opened === null) continue;
      if (opened.embedder.model.id === id) return (await keep(opened)).embedder;
      if (!sources.has(opened.embedder.model.id)) await opened.embedder.close();
    }
    missed.set(id, clock() + missedForMs);
    return null;
  };

  const close = async (): Promise<void> => {
    await Promise.allSettled(looking.values());
    const opened = [...sources.values()].map(({ embedder }) => embedder.close());
    await Promise.allSettled([...opened, builtin.close(), pairScorer?.close()]);
    cache?.close();
  };

  return {
    current,
    fallback,
    of: async (id) => {
      if (id === builtin.model.id) return builtin;
      const known = sources.get(id);
      if (known !== undefined) return known.embedder;
      if (closing !== undefined || (missed.get(id) ?? Number.NEGATIVE_INFINITY) > clock()) return null;
      const under = looking.get(id) ?? look(id).finally(() => looking.delete(id));
      looking.set(id, under);
      return under;
    },
    pairScorer,
    figures: () => ({
      model: current.model,
      fallback,
      queue: source?.embedder.figures() ?? null,
      cache: cache?.figures() ?? null,
      remote: source?.remote?.() ?? null,
    }),
    close: () => (closing ??= close()),
  };
};
