/** The embedders that a benchmark may name: the built-in table, or a folder with an ONNX model. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { VectorCache } from "@cairn/embed/cache/vector-cache";
import { openOnnxModel } from "@cairn/embed/onnx/onnx-model";
import { makeQueuedEmbedder } from "@cairn/embed/queue/queued-embedder";
import { openRemoteModel } from "@cairn/embed/remote/remote-model";
import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import { CairnError } from "@cairn/kernel/error";
import type { Embedder } from "@cairn/memory/embedding/embedder";

export const builtin = "builtin";

/** A path becomes absolute, because the server runs elsewhere; a name stays as it is. */
export const embedderSetting = (given: string): string => (existsSync(given) ? resolve(given) : given);

/**
 * Opens an embedder in this process: `builtin`, a folder with a model, or the address of a service that speaks OpenAI's
 * API. The caller closes it, and the cache. Throws `embedder.unknown` for anything else.
 */
export const openEmbedder = async (given: string, cache?: VectorCache): Promise<Embedder> => {
  if (given === builtin) return makeStaticEmbedder();
  const queue = cache === undefined ? {} : { cache };
  if (/^https?:/.test(given)) {
    const options = { url: given, model: "bench", dimensions: null, apiKey: null, price: null };
    return makeQueuedEmbedder(await openRemoteModel({ ...options, warn: console.error }), queue);
  }
  if (existsSync(given)) return makeQueuedEmbedder(await openOnnxModel({ folder: resolve(given) }), queue);
  const hint = "Name builtin or a folder with a model.";
  throw new CairnError("embedder.unknown", `There is no embedder ${given} that a benchmark can open. ${hint}`, {
    hint,
  });
};
