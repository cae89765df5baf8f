/** Which reranking a recall gets: the call's, else its spaces', else the server's (REC-4). */
import { CairnError } from "@cairn/kernel/error";
import type { RerankMode } from "@cairn/memory/recall/reranker";
import type { CallContext } from "../context.ts";

type Choosing = Pick<CallContext, "directory" | "pairScorer"> & {
  readonly settings: Pick<CallContext["settings"], "rerank">;
};

const unavailable = (): CairnError =>
  new CairnError("reranker.unavailable", "No cross-encoder is configured on this server.", {
    hint: "Set CAIRN_RERANKER to the folder of an ONNX cross-encoder, or ask with rerank heuristic or none.",
  });

/**
 * Where spaces are asked together that are set differently, the server's setting decides. A cross-encoder that is not
 * there is an error to a call that names it (throws reranker.unavailable); as a setting it gives way to none.
 */
export const rerankMode = async (
  { directory, pairScorer, settings }: Choosing,
  asked: RerankMode | null,
  spaces: readonly string[],
): Promise<RerankMode> => {
  if (asked === "cross-encoder" && pairScorer === null) throw unavailable();
  if (asked !== null) return asked;
  const records = await Promise.all(spaces.map((id) => directory.resolve(id)));
  const [first = settings.rerank, ...others] = new Set(records.map((record) => record?.rerank ?? settings.rerank));
  const mode = others.length === 0 ? first : settings.rerank;
  return mode === "cross-encoder" && pairScorer === null ? "none" : mode;
};
