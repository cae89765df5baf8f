/** Opens one embedder by its name, to look at it: no cache, no spaces, nothing is stored. */
import { openOnnxModel } from "@cairn/embed/onnx/onnx-model";
import { findModel } from "@cairn/embed/models/model-places";
import { makeQueuedEmbedder } from "@cairn/embed/queue/queued-embedder";
import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import type { Settings } from "@cairn/server/settings";

export interface OpenedEmbedder {
  /** How the settings name it: a name, or an absolute folder. */
  readonly setting: string;
  readonly embedder: Embedder;
}

const openOpenai = async ({ embedding, data }: Settings, warn: (line: string) => void): Promise<Embedder> => {
  const [{ openService }, { makeVectorCache }] = await Promise.all([
    import("@cairn/server/embedding/sources"),
    import("@cairn/embed/cache/vector-cache"),
  ]);
  return (await openService(embedding, data, makeVectorCache({ memoryBytes: 0, disk: null }), warn)).embedder;
};

export interface OpenOptions {
  /** The folder that a relative path starts at. */
  readonly from: string;
  readonly warn: (line: string) => void;
  /** Notes the model in the data folder, as one that is used. */
  readonly note?: boolean;
}

/**
 * Throws `embedder.unknown`, `embedding.unavailable`, `model.invalid`, and `config.invalid` for a service that is not
 * set up.
 */
export const openEmbedder = async (
  name: string,
  settings: Settings,
  { from, warn, note = false }: OpenOptions,
): Promise<OpenedEmbedder> => {
  if (name === "builtin") return { setting: name, embedder: makeStaticEmbedder() };
  if (name === "openai") return { setting: name, embedder: await openOpenai(settings, warn) };
  const { folder, entry } = await findModel(name, settings.data, from);
  const isPath = /[/\\]|^\.{1,2}$/u.test(name);
  const model = await openOnnxModel({ folder, model: entry, ...(note ? { data: settings.data } : {}) });
  return { setting: isPath ? folder : (entry?.name ?? name), embedder: makeQueuedEmbedder(model) };
};
