/** What the tests of vectors and models share: three models, and short ways to give texts vectors and to find by them. */
import type { Embedder } from "@cairn/memory/embedding/embedder";
import type { RecallQuery } from "@cairn/memory/recall/query";
import { makeFakeEmbedder } from "../fake-embedder.ts";
import { alice, type Draft, engineEmbedder, type World } from "./world.ts";

export const own = engineEmbedder.model;
/** Of other dimensions, and of the same: neither may be taken for the space's own. */
export const smaller = makeFakeEmbedder(24);
export const alike: Embedder = { ...engineEmbedder, model: { id: "alike-64@1", dimensions: 64, provider: "testing" } };
export const embedders = [engineEmbedder, smaller, alike];

export const readerOf = (world: World) => world.engine.read(world.space);
export const writerOf = (world: World) => world.engine.write(world.space, alice);
export const stateOf = (world: World) => readerOf(world).vectorState();
export const missingTexts = async (world: World, model?: string): Promise<readonly string[]> =>
  (await readerOf(world).missingVectors(100, model)).map(({ passage }) => passage.content);

/** Gives every text that lacks one a vector of the embedder's model, some at a time; returns how many were taken. */
export const fill = async (world: World, embedder: Embedder, portion = 3): Promise<number> => {
  let taken = 0;
  for (;;) {
    const missing = await readerOf(world).missingVectors(portion, embedder.model.id);
    if (missing.length === 0) return taken;
    const vectors = await embedder.embedPassages(missing.map(({ passage }) => passage));
    const items = missing.map(({ document }, at) => ({ document, vectors: vectors[at] ?? [] }));
    taken += await writerOf(world).setVectors(embedder.model.id, items);
  }
};

export const changeTo = async (world: World, embedder: Embedder): Promise<boolean> => {
  await writerOf(world).prepareModel(embedder.model);
  await fill(world, embedder);
  return writerOf(world).switchModel(embedder.model.id);
};

/** Contents found by meaning alone: no text holds the word that is asked for. */
export const near = async (world: World, like: string, embedder: Embedder, more: Partial<RecallQuery> = {}) =>
  world.texts("unheard", {
    vector: await embedder.embedQuery(like),
    vectorModel: embedder.model.id,
    minRelevance: 0.2,
    limit: 1,
    ...more,
  });

/** Without vectors, as when the embedder cannot be reached. */
export const late = (world: World, draft: Draft | string) => world.remember(draft, { vectors: [], skipDedup: true });
export const said = (content: string, at: number) => ({ role: "user", content, at, timed: true });
