/** The three models of the histories; a long text gets several vectors, as models do that read so much at once. */
import type { Embedder, PassageVectors } from "@cairn/memory/embedding/embedder";
import type { ModelVectors } from "@cairn/memory/space/engine";
import { makeFakeEmbedder } from "../../fake-embedder.ts";
import { engineEmbedder } from "../world.ts";
import type { VectorSource } from "./drafts.ts";

const pieceCharacters = 400;

const piecesOf = (content: string): readonly string[] =>
  Array.from({ length: Math.max(1, Math.ceil(content.length / pieceCharacters)) }, (_, at) =>
    content.slice(at * pieceCharacters, (at + 1) * pieceCharacters),
  );

/** Other axes, so that a vector taken for one of the engine's model gives another score. */
const turned = (vector: Float32Array): Float32Array => vector.map((_, at) => vector[(at + 7) % vector.length] ?? 0);

const alike: Embedder = {
  ...engineEmbedder,
  model: { id: "alike-64@1", dimensions: 64, provider: "testing" },
  embedQuery: async (text) => turned(await engineEmbedder.embedQuery(text)),
};

export const embedders: readonly Embedder[] = [engineEmbedder, alike, makeFakeEmbedder(24)];
export const embedderAt = (at: number): Embedder => embedders[at % embedders.length] ?? engineEmbedder;

const bySource: Readonly<Record<Exclude<VectorSource, "none" | "broken">, Embedder>> = {
  own: engineEmbedder,
  alike,
  smaller: embedderAt(2),
};

export const vectorsOf = async (embedder: Embedder, content: string): Promise<PassageVectors> => {
  const vectors = await Promise.all(piecesOf(content).map((piece) => embedder.embedQuery(piece)));
  return vectors.filter((vector) => vector.some((value) => value !== 0));
};

/** What a writer sends along with a text. */
export const modelVectors = async (content: string, source: VectorSource): Promise<ModelVectors> => {
  if (source === "none") return { vectors: [] };
  if (source === "broken") return { vectors: [new Float32Array(3)] };
  const embedder = bySource[source];
  const vectors = await vectorsOf(embedder, content);
  return source === "own" ? { vectors } : { vectors, vectorModel: embedder.model.id };
};

/** What a question brings. */
export const questionVector = async (
  query: string,
  source: VectorSource,
): Promise<{ readonly vector: Float32Array; readonly vectorModel?: string }> => {
  if (source === "none" || source === "broken") return { vector: new Float32Array(engineEmbedder.model.dimensions) };
  const embedder = bySource[source];
  const vector = await embedder.embedQuery(query);
  return source === "own" ? { vector } : { vector, vectorModel: embedder.model.id };
};
