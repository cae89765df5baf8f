/** Two models that mean different things by the same text, and what a process does that changes between them. */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Engine } from "@cairn/memory/space/engine";
import { alice, engineEmbedder } from "../engine/world.ts";
import { meaningOf } from "./marked-text.ts";

export const twoModels: readonly [EmbeddingModel, EmbeddingModel] = [
  engineEmbedder.model,
  { id: "second@1", dimensions: engineEmbedder.model.dimensions, provider: "testing" },
];

const wordIn = (content: string): string => content.split(" ")[0] ?? "";

/** What a text means to a model: its first word decides. */
export const meaningTo = (model: string, content: string): Float32Array => meaningOf(`${model} ${wordIn(content)}`);

/** Gives texts that lack one a vector of `model`, until none does; as the server's job does it. */
export const fillModel = async (engine: Engine, space: string, model: string, portion = 8): Promise<void> => {
  for (;;) {
    const missing = await engine.read(space).missingVectors(portion, model);
    if (missing.length === 0) return;
    const items = missing.map(({ document, passage }) => ({
      document,
      vectors: [meaningTo(model, passage.content)],
    }));
    await engine.write(space, alice).setVectors(model, items);
  }
};

/** One attempt: false when something was written in between, or another process changed to something else. */
export const changeModel = async (engine: Engine, space: string, model: EmbeddingModel): Promise<boolean> => {
  await engine.write(space, alice).prepareModel(model);
  await fillModel(engine, space, model.id);
  return engine.write(space, alice).switchModel(model.id);
};
