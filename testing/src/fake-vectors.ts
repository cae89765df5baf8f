/** The vectors of the fake engine: by document and model, with what lacks them and the change to another model. */
import type { EmbeddingModel, PassageText, PassageVectors } from "@cairn/memory/embedding/embedder";
import type { DocumentVectors, MissingVectors, ModelVectors, VectorState } from "@cairn/memory/space/engine";

export interface FakeVectors {
  /** The model that questions are compared in; null before the first write. */
  readonly own: () => EmbeddingModel | null;
  /** Makes a new space one of the engine's model. */
  readonly bind: () => void;
  /** Numbers a text; vectors of a model that the space is not of are left out. */
  readonly add: (text: PassageText, given: ModelVectors) => number;
  /** Of the space's model; null while there are none. */
  readonly of: (document: number) => PassageVectors | null;
  /** What can be compared with a question in `vectorModel`. */
  readonly comparable: (document: number, vectorModel: string | undefined) => PassageVectors;
  readonly state: (documents: readonly number[]) => VectorState;
  readonly missing: (documents: readonly number[], model?: string) => readonly MissingVectors[];
  readonly set: (model: string, items: readonly DocumentVectors[]) => number;
  readonly prepare: (model: EmbeddingModel) => void;
  readonly switchTo: (model: string, documents: readonly number[]) => boolean;
}

interface Document {
  readonly passage: PassageText;
  readonly byModel: Map<string, PassageVectors>;
}

export const makeFakeVectors = (configured: EmbeddingModel): FakeVectors => {
  const all = new Map<number, Document>();
  let own: EmbeddingModel | null = null;
  let next: EmbeddingModel | null = null;
  const isKept = (model: string): boolean => model === own?.id || model === next?.id;
  const vectorsOf = (document: number, model: string): PassageVectors | undefined =>
    all.get(document)?.byModel.get(model);
  const missing: FakeVectors["missing"] = (documents, model = own?.id ?? configured.id) =>
    isKept(model)
      ? documents.flatMap((document) => {
          const passage = all.get(document)?.passage;
          return passage === undefined || vectorsOf(document, model) !== undefined ? [] : [{ document, passage }];
        })
      : [];
  return {
    own: () => own,
    bind: () => void (own ??= configured),
    add: ({ content, author, occurredAt }, { vectors, vectorModel = configured.id }) => {
      const byModel = new Map(vectors.length > 0 && isKept(vectorModel) ? [[vectorModel, vectors]] : []);
      all.set(all.size + 1, { passage: { content, author, occurredAt }, byModel });
      return all.size;
    },
    of: (document) => vectorsOf(document, own?.id ?? configured.id) ?? null,
    comparable: (document, vectorModel = configured.id) =>
      vectorModel === own?.id ? (vectorsOf(document, vectorModel) ?? []) : [],
    state: (documents) => ({
      model: own,
      documents: documents.length,
      missing: missing(documents).length,
      next: next === null ? null : { model: next, missing: missing(documents, next.id).length },
    }),
    missing,
    set: (model, items) => {
      const wanted = items.filter(
        ({ document }) => isKept(model) && all.has(document) && vectorsOf(document, model) === undefined,
      );
      for (const { document, vectors } of wanted) all.get(document)?.byModel.set(model, vectors);
      return wanted.length;
    },
    prepare: (model) => {
      if (model.id === next?.id) return;
      const before = next;
      next = model.id === own?.id ? null : model;
      for (const { byModel } of all.values()) {
        for (const id of [before?.id, next?.id]) if (id !== undefined) byModel.delete(id);
      }
    },
    switchTo: (model, documents) => {
      if (model === own?.id) return true;
      if (next === null || model !== next.id || missing(documents, model).length > 0) return false;
      own = next;
      next = null;
      return true;
    },
  };
};
