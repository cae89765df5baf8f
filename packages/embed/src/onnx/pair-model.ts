/** Cross-encoders in this process, in a thread of their own (REC-4). */
import { CairnError, isCairnError } from "@cairn/kernel/error";
import type { PairScorer } from "@cairn/memory/recall/reranker";
import { openModelThread } from "./model-thread.ts";
import type { OnnxModelOptions } from "./onnx-model.ts";
import type { PairModelFacts } from "./pair-encoder.ts";
import { runtimePackage } from "./runtime.ts";

export type PairModelOptions = Omit<OnnxModelOptions, "model" | "data">;

const asReranker = (error: unknown): unknown =>
  isCairnError(error) && error.code === "embedding.unavailable"
    ? new CairnError("reranker.unavailable", error.message, error.data, { cause: error })
    : error;

/**
 * Opens the pair model of a folder like `openOnnxModel`. Throws `reranker.unavailable` when the folder or the package
 * onnxruntime-node is absent, `model.invalid` when the model is no cross-encoder.
 */
export const openPairModel = async ({
  folder,
  threads = 1,
  runtime = runtimePackage,
}: PairModelOptions): Promise<PairScorer> => {
  const worker = { task: "pair", folder, entry: null, threads, runtime } as const;
  const opening = openModelThread<PairModelFacts>({ worker, code: "reranker.unavailable" });
  const thread = await opening.catch((error: unknown) => {
    throw asReranker(error);
  });
  return {
    id: thread.facts.id,
    score: async (question, texts, signal) => {
      if (texts.length === 0) return new Float32Array();
      return thread
        .run({ call: "score", question, texts }, signal)
        .catch((error: unknown) => {
          throw asReranker(error);
        })
        .then((scores) => scores as Float32Array);
    },
    close: thread.close,
  };
};
