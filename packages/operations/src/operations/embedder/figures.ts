import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";

const count = z.int().nonnegative();
const amount = z.object({ texts: count, characters: count });

const queue = z.object({
  batches: count,
  texts: count.meta({ description: "That the model was asked for." }),
  characters: count,
  running: count.meta({ description: "Batches under way." }),
  failedBatches: count,
  failedTexts: count,
  milliseconds: z.number().meta({ description: "That batches took, one after the other." }),
  deduplicated: count.meta({ description: "Texts that were on their way already when another caller asked." }),
  calledOff: count.meta({ description: "Texts that nobody wanted any more before their batch began." }),
  waiting: amount,
  waitingOutside: count.meta({ description: "Callers whose texts find no room in the queue yet." }),
});

const cache = z.object({
  hitsMemory: count,
  hitsDisk: count,
  misses: count,
  memory: z.object({ bytes: count, entries: count, evictions: count }),
  disk: z
    .object({
      bytes: count,
      evictions: count,
      damaged: count.meta({ description: "Entries that were damaged and removed." }),
      off: z.string().nullable().meta({ description: "Why nothing is kept on disk; null while all is well." }),
    })
    .nullable(),
});

const service = z.object({
  requests: count.meta({ description: "Retries included." }),
  retries: count,
  failures: count,
  texts: count,
  refusedTexts: count.meta({ description: "Texts that the service refused though it took others." }),
  tokens: count,
  estimatedTokens: count.meta({ description: "Of these, what the service did not count itself." }),
  cost: z.number().nullable().meta({ description: "In the currency of `embedding_price`; null without one." }),
  breaker: z.enum(["closed", "open", "half-open"]),
});

const figures = z.object({
  model: z.object({ id: z.string(), dimensions: z.int(), provider: z.string() }),
  fallback: z.boolean().meta({ description: "The built-in embedder stands in for one that could not be opened." }),
  queue: queue.nullable().meta({ description: "Null for the built-in embedder, which needs none." }),
  cache: cache.nullable(),
  remote: service.nullable().meta({ description: "Of a service; null for models in this process." }),
});

/** What the embedder of this process has done since the start. */
export type EmbeddingFigures = z.output<typeof figures>;

export const embeddingFigures = defineOperation({
  name: "embedder.figures",
  summary: "Ask what embedding did and cost",
  description: "Since this server started: its queue, its cache, and what a service was asked, counted and cost.",
  input: z.object({}),
  output: figures,
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  run: async ({ embeddingFigures: read }) => read(),
});
