import { setImmediate } from "node:timers/promises";
import { CairnError } from "@cairn/kernel/error";
import type { Embedder, EmbeddingUse, PassageVectors } from "@cairn/memory/embedding/embedder";
import { limits } from "@cairn/memory/memory/memory";
import { z } from "zod";
import type { CallContext } from "../../context.ts";
import { embedderFor } from "../../embedding.ts";
import { defineOperation } from "../../operation.ts";
import { inSpace } from "../../schemas/space.ts";
import { text } from "../../schemas/text.ts";

const mostTexts = 2_048;
const mostCharacters = 2_000_000;
/** An answer's numbers are written in one go; more than these would hold everybody up. As base64 they are light. */
const mostNumbers = mostTexts * 256;
const queriesAtOnce = 16;

const given = text({ name: "input", max: limits.contentCharacters, describe: "A text of 1 to 50,000 characters." });
const howMany = `input must be a text of 1 to ${limits.contentCharacters} characters, or a list of 1 to ${mostTexts} of them`;
const texts = z
  .union([given.transform((one) => [one]), z.array(given).min(1, howMany).max(mostTexts, howMany)], {
    error: (issue) => (issue.code === "invalid_union" ? howMany : undefined),
  })
  .check((context) => {
    if (context.value.reduce((total, one) => total + one.length, 0) <= mostCharacters) return;
    const message = `input must have at most ${mostCharacters} characters in all`;
    context.issues.push({ code: "custom", message, input: context.value.length });
  })
  .meta({ description: `One text, or 1 to ${mostTexts}.` });

const numbers = z.union([z.array(z.number()), z.string()]).meta({
  description: "Unit length; as base64, float32 little-endian. All zeros when the text holds nothing the model knows.",
});

type Encoding = "float" | "base64";

const written = (vector: Float32Array, encoding: Encoding): number[] | string => {
  if (encoding === "float") return Array.from(vector);
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [axis, value] of vector.entries()) bytes.writeFloatLE(value, axis * 4);
  return bytes.toString("base64");
};

/** One vector for a text of several: the direction between them. */
const mean = (vectors: PassageVectors, dimensions: number): Float32Array => {
  const [first] = vectors;
  if (first !== undefined && vectors.length === 1) return first;
  const sum = new Float32Array(dimensions);
  for (const vector of vectors) for (const [axis, value] of vector.entries()) sum[axis]! += value;
  const norm = Math.hypot(...sum);
  return norm === 0 ? sum : sum.map((value) => value / norm);
};

const embedAll = async (
  embedder: Embedder,
  all: readonly string[],
  kind: "query" | "passage",
  use: EmbeddingUse,
): Promise<readonly PassageVectors[]> => {
  if (kind === "passage")
    return embedder.embedPassages(
      all.map((content) => ({ content, author: null, occurredAt: null })),
      use,
    );
  const vectors: PassageVectors[] = [];
  for (let from = 0; from < all.length; from += queriesAtOnce) {
    if (from > 0) await setImmediate();
    const some = all.slice(from, from + queriesAtOnce);
    vectors.push(...(await Promise.all(some.map(async (one) => [await embedder.embedQuery(one, use)]))));
  }
  return vectors;
};

/** The model of the space, so that vectors can be compared with its memories'; else the configured one. */
const chosen = async (context: CallContext, name: string | undefined) => {
  if (name === undefined) return { embedder: context.embedder, tenant: `embed:${context.caller.identity.principal}` };
  const space = await context.space(name);
  const embedder = await embedderFor(context, space);
  if (embedder !== null) return { embedder, tenant: space };
  throw new CairnError("embedding.unavailable", "The model of this space is not on this server.", {
    hint: "Leave `space` out for the configured model; GET /v1/embedder tells of both.",
  });
};

export const embed = defineOperation({
  name: "embedding.embed",
  summary: "Embed texts",
  description:
    "Turns texts into vectors of unit length, by the configured model or by that of a space; the answer names it. " +
    "Vectors of different models must not be compared. A long text is read in chunks: `embedding` is their common " +
    "direction, `chunks` the vectors of each.",
  input: z.object({
    input: texts,
    kind: z
      .enum(["query", "passage"], "kind must be query or passage")
      .nullish()
      .meta({ default: "passage", description: "Some models read a question otherwise than the texts it looks for." })
      .transform((kind) => kind ?? "passage"),
    encoding: z
      .enum(["float", "base64"], "encoding must be float or base64")
      .nullish()
      .meta({ default: "float", description: "How vectors are written; base64 is four times shorter." })
      .transform((encoding) => encoding ?? "float"),
    ...inSpace,
  }),
  output: z.object({
    model: z.string(),
    dimensions: z.int(),
    embeddings: z.array(
      z.object({
        index: z.int().meta({ description: "Of the text in `input`." }),
        embedding: numbers,
        chunks: z.array(numbers).meta({ description: "A vector a chunk; empty when the text was read at once." }),
      }),
    ),
    usage: z.object({ texts: z.int(), characters: z.int() }),
  }),
  permission: "embeddings:use",
  audit: "read",
  usage: ({ input }) => ({ embeddings: input.length }),
  expects: ({ input }) => ({ embeddings: input.length }),
  run: async (context, { input, kind, encoding, space }) => {
    const { embedder, tenant } = await chosen(context, space);
    const { id: model, dimensions } = embedder.model;
    if (encoding === "float" && input.length * dimensions > mostNumbers) {
      const most = Math.floor(mostNumbers / dimensions);
      const message = `input must have at most ${most} texts for ${dimensions} dimensions written as numbers`;
      throw new CairnError("request.invalid", message, {
        problems: [{ path: "input", code: "too_big", message }],
        hint: "Ask for `encoding: base64`, or send the texts in several calls.",
      });
    }
    const vectors = await embedAll(embedder, input, kind, { tenant });
    return {
      model,
      dimensions,
      embeddings: vectors.map((own, index) => ({
        index,
        embedding: written(mean(own, dimensions), encoding),
        chunks: own.length > 1 ? own.map((vector) => written(vector, encoding)) : [],
      })),
      usage: { texts: input.length, characters: input.reduce((total, one) => total + one.length, 0) },
    };
  },
});
