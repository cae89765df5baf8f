import { plainError } from "@cairn/kernel/error";
import { readMemory } from "@cairn/memory/memory/reading";
import { limits } from "@cairn/memory/memory/memory";
import type { RememberItem, RememberOutcome, SpaceWriter } from "@cairn/memory/space/engine";
import { z } from "zod";
import { absent } from "../../absent.ts";
import { actorOf } from "../../actor.ts";
import type { CallContext } from "../../context.ts";
import { makeSlices } from "../../courtesy.ts";
import { embedForStorage } from "../../embedding.ts";
import { defineOperation } from "../../operation.ts";
import { booleanOr } from "../../schemas/common.ts";
import { remembered, showOutcome } from "../../schemas/remembered.ts";
import { inSpace } from "../../schemas/space.ts";
import { draft, fieldsOf } from "../../schemas/write.ts";

const size = (issue: { readonly input?: unknown }): string =>
  `memories must be 1 to ${limits.batch}; these are ${Array.isArray(issue.input) ? issue.input.length : 0}`;

/**
 * While one portion is stored the next is embedded and read. Few memories are handed over at once, because that takes
 * time which others would feel; the engine puts several of these calls into one transaction. Models that are asked from
 * afar get more texts together.
 */
const handedOver = 25;
const portionFor = ({ embedder }: CallContext): number => (embedder.model.provider === "builtin" ? handedOver : 250);

type Draft = z.output<typeof draft>;

const itemsOf = async (context: CallContext, space: string, drafts: readonly Draft[]): Promise<RememberItem[]> => {
  const { giveWay } = makeSlices(context.engine);
  await giveWay();
  const fields = drafts.map((given) => fieldsOf(given, context.clock));
  const { vectors, vectorModel } = await embedForStorage(context, space, fields);
  const items: RememberItem[] = [];
  for (const [index, given] of drafts.entries()) {
    await giveWay();
    const own = fields[index] ?? fieldsOf(given, context.clock);
    items.push({
      fields: own,
      vectors: vectors[index] ?? [],
      vectorModel,
      skipDedup: given.skipDedup ?? false,
      reading: readMemory(own),
      ...(absent(given.expectedVersion) ? {} : { expectedVersion: given.expectedVersion }),
    });
  }
  return items;
};

type Stored = { readonly outcomes: readonly RememberOutcome[] } | { readonly error: unknown; readonly count: number };

/** Throws only when nothing at all was stored; otherwise each item of a portion that failed says so. */
const storeInPortions = async (
  context: CallContext,
  space: string,
  writer: SpaceWriter,
  drafts: readonly Draft[],
): Promise<readonly RememberOutcome[]> => {
  const storing: Promise<Stored>[] = [];
  const store = (items: readonly RememberItem[]): Promise<Stored> =>
    writer.remember(items, false).then(
      (outcomes) => ({ outcomes }),
      (error: unknown) => ({ error, count: items.length }),
    );
  const portion = portionFor(context);
  for (let from = 0; from < drafts.length; from += portion) {
    const items = await itemsOf(context, space, drafts.slice(from, from + portion));
    for (let at = 0; at < items.length; at += handedOver) storing.push(store(items.slice(at, at + handedOver)));
  }
  const stored = await Promise.all(storing);
  const [first] = stored;
  if (first !== undefined && "error" in first && stored.every((one) => "error" in one)) throw first.error;
  return stored.flatMap((one) =>
    "outcomes" in one
      ? one.outcomes
      : Array.from({ length: one.count }, () => ({ status: "failed" as const, error: plainError(one.error) })),
  );
};

export const rememberBatch = defineOperation({
  name: "memories.remember_batch",
  summary: "Remember many things at once",
  description:
    `Stores up to ${limits.batch} memories, each with its own outcome; with \`atomic\`, all of them or none. ` +
    "A duplicate is reported and stops nothing.",
  input: z.object({
    memories: z
      .array(z.unknown())
      .min(1, { error: size, abort: true })
      .max(limits.batch, { error: size, abort: true })
      .pipe(z.array(draft)),
    atomic: booleanOr("atomic", false, "All or nothing: one failure stores none of them."),
    ...inSpace,
  }),
  output: z.object({ results: z.array(remembered), total: z.int(), successful: z.int(), failed: z.int() }),
  permission: "memories:write",
  audit: "write",
  usage: (_input, output) => ({ memories: output.successful, embeddings: output.total }),
  expects: ({ memories }) => ({ memories: memories.length, embeddings: memories.length }),
  run: async (context, input) => {
    const space = await context.space(input.space);
    const writer = context.engine.write(space, actorOf(context));
    const outcomes = input.atomic
      ? await writer.remember(await itemsOf(context, space, input.memories), true)
      : await storeInPortions(context, space, writer, input.memories);
    const results = outcomes.map(showOutcome);
    const successful = results.filter((result) => result.success).length;
    return { results, total: results.length, successful, failed: results.length - successful };
  },
});
