/**
 * The first half of an import: whatever format it came in, a list of checked memories with the vectors that may be
 * kept, and what could not be taken over. Nothing is stored here.
 */
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingModel, PassageVectors } from "@cairn/memory/embedding/embedder";
import { readTribalBundle } from "@cairn/memory/transfer/tribal-bundle";
import type { Slice } from "../courtesy.ts";
import { fieldProblems } from "../pipeline.ts";
import { importedDraft, type ImportedDraft } from "../schemas/imported.ts";

export interface PlannedMemory {
  readonly draft: ImportedDraft;
  /** To be stored as they are; null: to be made anew. */
  readonly vectors: PassageVectors | null;
}

export interface ImportPlan {
  readonly total: number;
  readonly memories: readonly PlannedMemory[];
  /** How many memories cannot be taken over. */
  readonly refused: number;
  /** What is wrong, a sentence each; never content. */
  readonly problems: readonly string[];
}

export interface GivenModel {
  readonly modelName: string;
  readonly dimensions: number;
}

export interface GivenDraft {
  readonly draft: unknown;
  readonly where: string;
  readonly vectors: readonly ArrayLike<number>[] | null;
}

/** A vector as engines keep it, of unit length; null when it points nowhere. */
const unitVector = (values: ArrayLike<number>): Float32Array | null => {
  const vector = Float32Array.from(values);
  const norm = Math.hypot(...vector);
  return Number.isFinite(norm) && norm > 0 ? vector.map((value) => value / norm) : null;
};

const kept = (vectors: GivenDraft["vectors"], model: EmbeddingModel): PassageVectors | null => {
  if (vectors === null || vectors.length === 0) return null;
  const units = vectors.map((vector) => (vector.length === model.dimensions ? unitVector(vector) : null));
  return units.every((unit) => unit !== null) ? units : null;
};

/** Whether vectors of the import can be compared with ours. Throws import.invalid where they must be and cannot. */
export const keepsVectors = (
  given: GivenModel | null,
  ours: EmbeddingModel,
  strategy: "auto" | "keep" | "drop",
): boolean => {
  if (strategy === "drop") return false;
  const same = given !== null && given.modelName === ours.id && given.dimensions === ours.dimensions;
  if (same || strategy === "auto") return same;
  throw new CairnError(
    "import.invalid",
    `The vectors are of ${given === null ? "an unknown model" : `${given.modelName} (${given.dimensions} dimensions)`}; this server uses ${ours.id} (${ours.dimensions}).`,
    { hint: 'Import with embedding_strategy "auto": vectors that do not fit are made anew.' },
  );
};

export const planDrafts = async (
  drafts: readonly GivenDraft[],
  model: EmbeddingModel,
  keep: boolean,
  { giveWay }: Slice,
): Promise<ImportPlan> => {
  const memories: PlannedMemory[] = [];
  const problems: string[] = [];
  for (const { draft, where, vectors } of drafts) {
    await giveWay();
    const parsed = importedDraft.safeParse(draft);
    if (parsed.success) memories.push({ draft: parsed.data, vectors: keep ? kept(vectors, model) : null });
    else
      problems.push(
        `${where}: ${fieldProblems(parsed.error)
          .map((problem) => problem.message)
          .join("; ")}`,
      );
  }
  return { total: drafts.length, memories, refused: problems.length, problems };
};

/** Throws import.invalid when the value is no bundle. */
export const planBundle = async (
  bundle: unknown,
  model: EmbeddingModel,
  strategy: "auto" | "keep" | "drop",
  slices: Slice,
): Promise<ImportPlan> => {
  const { embedding, entries, problems } = readTribalBundle(bundle);
  // A bundle without vectors has none that could not fit.
  const keep = entries.some(({ vector }) => vector !== null) && keepsVectors(embedding, model, strategy);
  const drafts = entries.map(({ draft, vector }) => ({
    draft,
    where: `entry ${draft.id}`,
    vectors: vector === null ? null : [vector],
  }));
  const plan = await planDrafts(drafts, model, keep, slices);
  // An entry may have several problems; one about its vector costs only the vector.
  const unread = new Set(
    problems.filter(({ where }) => !where.endsWith(".embedding")).map(({ where }) => where.split(".")[1]),
  );
  return {
    total: plan.total + unread.size,
    memories: plan.memories,
    refused: plan.refused + unread.size,
    problems: [...problems.map(({ where, message }) => `${where}: ${message}`), ...plan.problems],
  };
};
