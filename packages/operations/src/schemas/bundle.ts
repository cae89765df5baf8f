/** The portable bundle in answers; its own names are already those of the wire. */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { TribalEmbedding } from "@cairn/memory/transfer/tribal-bundle";
import { z } from "zod";

const json = z.record(z.string(), z.unknown());

export const bundle = z
  .object({ manifest: json, entries: z.array(json) })
  .meta({ description: "TribalMemory's portable bundle, schema 1.0." });

export const embeddingOf = ({ id, dimensions, provider }: EmbeddingModel): TribalEmbedding => ({
  modelName: id,
  dimensions,
  provider,
});
