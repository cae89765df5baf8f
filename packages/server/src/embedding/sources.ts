/** Opens the models that stand behind the queue: a service, or an ONNX model in this process. */
import { join } from "node:path";
import type { VectorCache } from "@cairn/embed/cache/vector-cache";
import { type FoundModel, type ModelPlace, modelsHere } from "@cairn/embed/models/model-places";
import type { QueuedEmbedder } from "@cairn/embed/queue/queued-embedder";
import type { TextModel } from "@cairn/embed/queue/text-model";
import type { RemoteModel } from "@cairn/embed/remote/remote-model";
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingSettings } from "../settings.ts";
import { keepKnownDimensions, readKnownDimensions } from "./known-dimensions.ts";

export interface Source {
  readonly embedder: QueuedEmbedder;
  /** What a service cost; null for a model in this process. */
  readonly remote: RemoteModel["figures"] | null;
}

export const cacheFolder = (data: string): string => join(data, "cache", "embeddings");

/** Batches that one space may have waiting, and all spaces: some seconds of work, and megabytes at most. */
const waitingOfTenant = { texts: 4_096, characters: 2_000_000 };
const waitingOfAll = { texts: 32_768, characters: 16_000_000 };

const queued = async (model: TextModel, cache: VectorCache): Promise<QueuedEmbedder> => {
  const { makeQueuedEmbedder } = await import("@cairn/embed/queue/queued-embedder");
  return makeQueuedEmbedder(model, { cache, waitingOfTenant, waitingOfAll });
};

const missing = (name: "embedding_url" | "embedding_model", example: string): CairnError =>
  new CairnError("config.invalid", `embedder openai needs ${name}, which is not set.`, {
    hint: `Set ${name} in config.yaml, or CAIRN_${name.toUpperCase()}, to ${example}.`,
  });

/**
 * Throws `config.invalid` when a setting is missing or wrong, and `embedding.unavailable` when the service cannot be
 * asked for its dimensions, they are not set, and they are not known from before.
 */
export const openService = async (
  { url, model, dimensions, apiKey, price }: EmbeddingSettings,
  data: string,
  cache: VectorCache,
  warn: (line: string) => void,
): Promise<Source> => {
  if (url === null) throw missing("embedding_url", "an address such as https://api.openai.com/v1");
  if (model === null) throw missing("embedding_model", "a model of that service, such as text-embedding-3-small");
  const [{ openRemoteModel }, { embeddingsEndpoint }, { useProxyFromEnvironment }] = await Promise.all([
    import("@cairn/embed/remote/remote-model"),
    import("@cairn/embed/remote/endpoint"),
    import("@cairn/embed/remote/proxy"),
  ]);
  const { place, exposed } = embeddingsEndpoint(url);
  useProxyFromEnvironment();
  const service = `${model} ${place}`;
  const folder = cacheFolder(data);
  const knownDimensions = dimensions === null ? await readKnownDimensions(folder, service) : null;
  // While it opens, whoever called tells what is wrong.
  let tell: (line: string) => void = () => undefined;
  const options = { url, model, dimensions, knownDimensions, apiKey, price };
  const remote = await openRemoteModel({ ...options, warn: (line) => tell(line) });
  tell = warn;
  if (exposed) {
    const what = apiKey === null ? "Texts travel" : "Texts and the key travel";
    warn(`${what} unencrypted to ${place}; an address that begins with https:// would protect them.`);
  }
  if (dimensions === null && knownDimensions === null)
    await keepKnownDimensions(folder, service, remote.model.dimensions);
  return { embedder: await queued(remote, cache), remote: remote.figures };
};

/** Throws `embedding.unavailable` and `model.invalid`. */
export const openFolder = async ({ folder, entry }: ModelPlace, data: string, cache: VectorCache): Promise<Source> => {
  const { openOnnxModel } = await import("@cairn/embed/onnx/onnx-model");
  return { embedder: await queued(await openOnnxModel({ folder, model: entry, data }), cache), remote: null };
};

/** Models of the data folder that may have the id, by their name, which every id begins with. */
export const foldersFor = async (id: string, data: string): Promise<readonly FoundModel[]> =>
  (await modelsHere(data)).filter(({ name }) => id.startsWith(`${name}-`));
