/**
 * `POST /v1/embeddings` as OpenAI's API has it, so that any of its clients can embed here. The model of the request is
 * not looked at, because this server has one; the answer names it. Texts only: token lists need OpenAI's tokenizer.
 */
import { CairnError } from "@cairn/kernel/error";
import { embed } from "@cairn/operations/operations/embedding/embed";
import { z } from "zod";
import { bind, type RequestParts } from "../../rest/binding.ts";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const inputOf = ({ body }: RequestParts): unknown =>
  isObject(body) ? { input: body["input"], encoding: body["encoding_format"] } : body;

const wrongDimensions = (dimensions: number): CairnError => {
  const message = `dimensions must be ${dimensions}, which is what this server's model gives, or absent`;
  return new CairnError("request.invalid", message, {
    problems: [{ path: "dimensions", code: "invalid_value", message }],
  });
};

/** A quarter of the characters, as token budgets are counted everywhere here. */
const tokensOf = (characters: number): number => Math.ceil(characters / 4);

export const openAiEmbeddings = bind("POST /v1/embeddings", embed, {
  routeId: "embedding.openai",
  input: inputOf,
  present: ({ model, dimensions, embeddings, usage }, { parts }) => {
    const asked = isObject(parts.body) ? parts.body["dimensions"] : undefined;
    if (asked !== undefined && asked !== null && asked !== dimensions) throw wrongDimensions(dimensions);
    const tokens = tokensOf(usage.characters);
    return {
      object: "list",
      data: embeddings.map(({ index, embedding }) => ({ object: "embedding", index, embedding })),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
  },
  body: z.object({
    input: z.union([z.string(), z.array(z.string()).min(1).max(2_048)]),
    model: z.string().optional().meta({ description: "Not looked at; the answer names the model." }),
    encoding_format: z.enum(["float", "base64"]).optional(),
    dimensions: z.int().optional(),
    user: z.string().optional(),
  }),
  answer: z.object({
    object: z.literal("list"),
    data: z.array(
      z.object({
        object: z.literal("embedding"),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
  }),
  example: { input: "Anna drinks green tea.", model: "any" },
});
