import type { MemoryFields } from "@cairn/memory/memory/memory";
import { readMemory } from "@cairn/memory/memory/reading";
import type { EmbeddingModel, PassageVectors } from "@cairn/memory/embedding/embedder";
import type { RememberItem, RememberOutcome, SpaceReader } from "@cairn/memory/space/engine";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import type { CallContext } from "../../context.ts";
import { makeSlices, type Slice } from "../../courtesy.ts";
import { embedForStorage, modelFor } from "../../embedding.ts";
import { defineOperation } from "../../operation.ts";
import { booleanOr } from "../../schemas/common.ts";
import { importedFields, importedIdentity, type ImportedDraft } from "../../schemas/imported.ts";
import { inSpace } from "../../schemas/space.ts";
import {
  keepsVectors,
  planBundle,
  planDrafts,
  type ImportPlan,
  type PlannedMemory,
} from "../../transfer/import-plan.ts";

type OnConflict = "skip" | "overwrite" | "merge";

/** So many memories are written at a time, so that others get their turn. */
const batchSize = 250;
/** So many are embedded and handed over at a time by a model in this thread, which others need too; by others, a batch. */
const handedOver = 10;
const portionFor = ({ embedder }: CallContext): number =>
  embedder.model.provider === "builtin" ? handedOver : batchSize;
const mostDetails = 100;

const input = z
  .object({
    bundle: z.unknown().optional().meta({ type: "object", description: "A portable bundle: manifest and entries." }),
    drafts: z.array(z.unknown()).nullish().meta({
      description:
        "Instead of a bundle: memories with the fields of `remember`, and optionally id, created_at, updated_at, source_instance, supersedes, vectors.",
    }),
    embedding: z
      .object({ modelName: z.string(), dimensions: z.int() })
      .nullish()
      .meta({ description: "The model that made the vectors of the drafts." }),
    conflictResolution: z
      .enum(["skip", "overwrite", "merge"], "conflict_resolution must be skip, overwrite or merge")
      .nullish()
      .meta({ default: "skip", description: "For ids that exist: leave them, replace them, or keep the newer." }),
    embeddingStrategy: z
      .enum(["auto", "keep", "drop"], "embedding_strategy must be auto, keep or drop")
      .nullish()
      .meta({
        default: "auto",
        description: "Keep vectors that fit this server's model, insist on it, or make all anew.",
      }),
    dryRun: booleanOr("dry_run", false, "Tells what would happen and changes nothing."),
    ...inSpace,
  })
  .check((context) => {
    const { bundle, drafts } = context.value;
    if (absent(bundle) !== absent(drafts)) return;
    context.issues.push({ code: "custom", path: ["bundle"], message: "give either bundle or drafts", input: bundle });
  });
type Input = z.output<typeof input>;

/** How many memories it seems to hold; what it holds is read later. */
const sizeOf = ({ bundle, drafts }: Input): number => {
  if (!absent(drafts)) return drafts.length;
  const entries = typeof bundle === "object" && bundle !== null && "entries" in bundle ? bundle.entries : null;
  return Array.isArray(entries) ? entries.length : 0;
};

/** Vectors beside a draft, as the importing program read them. */
const vectorsOf = (draft: unknown): readonly ArrayLike<number>[] | null => {
  if (typeof draft !== "object" || draft === null || !("vectors" in draft) || !Array.isArray(draft.vectors))
    return null;
  const isVector = (value: unknown): value is ArrayLike<number> =>
    value instanceof Float32Array || (Array.isArray(value) && value.every((number) => typeof number === "number"));
  return draft.vectors.every(isVector) ? draft.vectors : null;
};

const planOf = async (model: EmbeddingModel, given: Input, slices: Slice): Promise<ImportPlan> => {
  const strategy = given.embeddingStrategy ?? "auto";
  if (absent(given.drafts)) return planBundle(given.bundle, model, strategy, slices);
  const keep = absent(given.embedding) ? false : keepsVectors(given.embedding, model, strategy);
  const drafts = given.drafts.map((draft, index) => ({ draft, where: `drafts.${index}`, vectors: vectorsOf(draft) }));
  return planDrafts(drafts, model, keep, slices);
};

/** What would become of a memory, told without writing: duplicates of other ids come to light only on the way in. */
const foresee = async (reader: SpaceReader, draft: ImportedDraft, onConflict: OnConflict): Promise<Tally> => {
  const existing = absent(draft.id) ? null : await reader.get(draft.id);
  if (existing === null) return "imported";
  if (onConflict === "overwrite") return "overwritten";
  return onConflict === "merge" && (draft.updatedAt ?? 0) > existing.updatedAt ? "overwritten" : "skipped";
};

type Tally = "imported" | "skipped" | "overwritten" | "errors";

const tallyOf = (outcome: RememberOutcome): Tally => {
  switch (outcome.status) {
    case "stored":
      return "imported";
    case "updated":
      return "overwritten";
    case "duplicate":
    case "skipped":
      return "skipped";
    case "failed":
      return "errors";
  }
};

const embedMissing = async (
  context: CallContext,
  space: string,
  batch: readonly PlannedMemory[],
  fields: readonly MemoryFields[],
): Promise<readonly PassageVectors[]> => {
  const missing = fields.filter((_, index) => batch[index]?.vectors === null);
  const made = (await embedForStorage(context, space, missing)).vectors.values();
  return batch.map(({ vectors }) => vectors ?? made.next().value ?? []);
};

interface Taking {
  readonly onConflict: OnConflict;
  readonly keepsOrigin: boolean;
}

/** Its id tells one memory from another; what has none is compared by its text, so that importing twice adds nothing. */
const itemsOf = async (
  context: CallContext,
  space: string,
  vectorModel: string,
  batch: readonly PlannedMemory[],
  { onConflict, keepsOrigin }: Taking,
): Promise<readonly RememberItem[]> => {
  const { giveWay } = makeSlices(context.engine);
  await giveWay();
  const fields = batch.map(({ draft }) => importedFields(draft, context.clock));
  const vectors = await embedMissing(context, space, batch, fields);
  const items: RememberItem[] = [];
  for (const [index, given] of fields.entries()) {
    await giveWay();
    const known = batch[index]?.draft;
    const draft = known === undefined || keepsOrigin ? known : { ...known, sourceInstance: null };
    items.push({
      fields: given,
      vectors: vectors[index] ?? [],
      vectorModel,
      reading: readMemory(given),
      skipDedup: !absent(draft?.id),
      ...(draft === undefined ? {} : { imported: importedIdentity(draft, onConflict) }),
    });
  }
  return items;
};

/** While one portion is stored the next is embedded; the engine puts several into one transaction. */
const store = async (
  context: CallContext,
  space: string,
  vectorModel: string,
  batch: readonly PlannedMemory[],
  taking: Taking,
): Promise<readonly RememberOutcome[]> => {
  const writer = context.engine.write(space, actorOf(context));
  const portion = portionFor(context);
  const storing: Promise<readonly RememberOutcome[]>[] = [];
  try {
    for (let from = 0; from < batch.length; from += portion) {
      const items = await itemsOf(context, space, vectorModel, batch.slice(from, from + portion), taking);
      storing.push(writer.remember(items, false));
    }
  } finally {
    // What was handed over is waited for, whatever becomes of the rest.
    await Promise.allSettled(storing);
  }
  return (await Promise.all(storing)).flat();
};

export const importMemories = defineOperation({
  name: "memories.import",
  summary: "Import memories",
  description:
    "Takes over memories from a portable bundle with their ids, times and origin, and with their vectors where the " +
    "model is the same; the agent that wrote them is kept where you manage the space. What cannot be taken over is counted and named; the rest comes in.",
  input,
  output: z.object({
    success: z.boolean(),
    total: z.int(),
    imported: z.int(),
    skipped: z.int(),
    overwritten: z.int(),
    errors: z.int(),
    needsReembedding: z.boolean().meta({ description: "Whether vectors had to be made anew; they have been." }),
    dryRun: z.boolean(),
    durationMs: z.number(),
    errorDetails: z.array(z.string()),
    error: z.string().nullable(),
  }),
  permission: "memories:write",
  audit: "write",
  usage: (_given, { dryRun, imported, overwritten, needsReembedding }) => ({
    memories: dryRun ? 0 : imported + overwritten,
    embeddings: dryRun || !needsReembedding ? 0 : imported + overwritten,
  }),
  expects: (given) => {
    const size = given.dryRun ? 0 : sizeOf(given);
    return { memories: size, embeddings: given.embeddingStrategy === "keep" ? 0 : size };
  },
  run: async (context, given) => {
    const started = performance.now();
    const space = await context.space(given.space);
    const model = await modelFor(context, space);
    const plan = await planOf(model, given, makeSlices(context.engine));
    const onConflict = given.conflictResolution ?? "skip";
    const tally = { imported: 0, skipped: 0, overwritten: 0, errors: plan.refused };
    const details = [...plan.problems];
    // Which agent wrote a memory is the server's word: only who manages the space can bring another's along (TEN-2).
    const taking = { onConflict, keepsOrigin: await context.may("manage", space) };
    const reader = context.engine.read(space);
    for (let from = 0; from < plan.memories.length; from += batchSize) {
      const batch = plan.memories.slice(from, from + batchSize);
      if (given.dryRun) {
        for (const one of await Promise.all(batch.map(({ draft }) => foresee(reader, draft, onConflict))))
          tally[one] += 1;
        continue;
      }
      const outcomes = await store(context, space, model.id, batch, taking);
      for (const [index, outcome] of outcomes.entries()) {
        tally[tallyOf(outcome)] += 1;
        if (outcome.status === "failed")
          details.push(`${batch[index]?.draft.id ?? `memory ${from + index}`}: ${outcome.error.message}`);
      }
    }
    return {
      success: true,
      total: plan.total,
      ...tally,
      needsReembedding: plan.memories.some(({ vectors }) => vectors === null),
      dryRun: given.dryRun,
      durationMs: performance.now() - started,
      errorDetails: details.slice(0, mostDetails),
      error: null,
    };
  },
});
