import { toCairnError } from "@cairn/kernel/error";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { z } from "zod";
import type { CallContext } from "../../context.ts";
import { defineOperation, noUsage } from "../../operation.ts";
import { inSpace } from "../../schemas/space.ts";

const model = z
  .object({ id: z.string(), dimensions: z.int(), provider: z.string() })
  .meta({ description: "A model and how many numbers its vectors have." });

const showModel = ({ id, dimensions, provider }: EmbeddingModel): z.output<typeof model> => ({
  id,
  dimensions,
  provider,
});

/** Embedders that cost money remember what they were asked: a text of the minute costs one request a minute. */
const probeMs = 60_000;

interface Answering {
  readonly available: boolean;
  readonly reason: string | null;
}

const asksNow = async ({ embedder, clock, settings }: CallContext, space: string): Promise<Answering> => {
  const { promise: late, resolve } = Promise.withResolvers<Answering>();
  const reason = "It did not answer in time.";
  const timer = setTimeout(resolve, settings.embeddingDeadlineMs, { available: false, reason });
  const answering = embedder.embedQuery(`status ${Math.floor(clock() / probeMs)}`, { tenant: space }).then(
    (): Answering => ({ available: true, reason: null }),
    (error: unknown): Answering => ({ available: false, reason: toCairnError(error).message }),
  );
  try {
    return await Promise.race([answering, late]);
  } finally {
    clearTimeout(timer);
  }
};

const share = (missing: number, of: number): number => (of === 0 ? 1 : 1 - missing / of);

export const embedderStatus = defineOperation({
  name: "embedder.status",
  summary: "Ask which model compares meanings",
  description:
    "The model that the settings chose and whether it answers, and the model of a space: how many of its texts have " +
    "no vector yet and are found by words only, and how far a change to another model has come.",
  input: z.object(inSpace),
  output: z.object({
    configured: model,
    available: z.boolean().meta({ description: "Whether the configured model answers now." }),
    reason: z.string().nullable().meta({ description: "Why it does not." }),
    space: z.object({
      id: z.string(),
      model: model.nullable().meta({ description: "Null before the first write." }),
      documents: z.int().meta({ description: "Texts: memories, their earlier versions, and pieces of sessions." }),
      missing: z.int().meta({ description: "Texts that have no vector of the space's model yet." }),
      next: z
        .object({ model, missing: z.int(), done: z.number().min(0).max(1) })
        .nullable()
        .meta({ description: "The model that the space changes to, and how much of that is done." }),
    }),
  }),
  permission: "memories:read",
  audit: "read",
  usage: noUsage,
  run: async (context, input) => {
    const id = await context.space(input.space);
    const [answering, state] = await Promise.all([asksNow(context, id), context.engine.read(id).vectorState()]);
    const { documents, missing, next } = state;
    return {
      configured: showModel(context.embedder.model),
      ...answering,
      space: {
        id,
        model: state.model === null ? null : showModel(state.model),
        documents,
        missing,
        next:
          next === null
            ? null
            : { model: showModel(next.model), missing: next.missing, done: share(next.missing, documents) },
      },
    };
  },
});
