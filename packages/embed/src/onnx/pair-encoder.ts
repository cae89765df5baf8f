/**
 * A question and a text through a cross-encoder, in the worker: `[CLS] question [SEP] text [SEP]`, one run a pair
 * (Nogueira & Cho 2019). One logit goes through the logistic function; of two, the second is the positive class and
 * its share by softmax is the score, which is the logistic function of their difference.
 */
import { createHash } from "node:crypto";
import { makeTextTokenizer } from "../tokenizer/text-tokenizer.ts";
import { type ModelFolder, unusable } from "./model-folder.ts";
import type { Graph } from "./runtime.ts";

export interface PairModelFacts {
  /** Changes with everything that changes scores. */
  readonly id: string;
}

export interface PairEncoder {
  readonly facts: PairModelFacts;
  /** 0..1 for each text, in order; `between` is awaited after each run. */
  readonly score: (
    question: string,
    texts: readonly string[],
    between?: () => Promise<void>,
  ) => Promise<Float32Array<ArrayBuffer>>;
}

/** Counts the changes of this code that alter scores. */
const recipe = 1;
/** Tokens of a pair: what cross-encoders of this family are trained with. */
const mostTokens = 512;
/** Characters a piece that are looked at; the rest would be cut away anyway. */
const charactersAPiece = 16;

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));

/** Throws `model.invalid` for a model that gives no scores. */
export const makePairEncoder = async (folder: ModelFolder, graph: Graph): Promise<PairEncoder> => {
  const { framing, pieces } = makeTextTokenizer(folder.tokenizer, folder.tokenizerOptions);
  const output = graph.outputs.find((name) => name === "logits") ?? graph.outputs[0] ?? "";
  const capacity = Math.min(mostTokens, folder.positions) - framing.pairExtra;
  if (capacity < 8) throw unusable("The model reads too few tokens at once.");

  const idsOf = (text: string, most: number): readonly number[] =>
    pieces(text.trimStart().slice(0, most * charactersAPiece)).ids.slice(0, most);
  const run = async (question: readonly number[], text: readonly number[]): Promise<number> => {
    const { data, shape } = await graph.run(framing.pair(question, text), output);
    if (shape.length !== 2 || shape[0] !== 1 || (data.length !== 1 && data.length !== 2))
      throw unusable("The model is no cross-encoder: it does not answer with one or two numbers a pair.");
    const [first = Number.NaN, second] = data;
    const value = second === undefined ? first : second - first;
    if (!Number.isFinite(value)) throw unusable("The model answered with what is no number.");
    return logistic(value);
  };
  await run(idsOf("a", 1), idsOf("a", 1)).catch((error: unknown) => {
    throw unusable("The model cannot be run on a question and a text.", error);
  });

  const { name, onnxSha256, tokenizerSha256, tokenizerOptions } = folder;
  const all = [recipe, onnxSha256, tokenizerSha256, tokenizerOptions, output, capacity];
  const digest = createHash("sha256").update(JSON.stringify(all)).digest("hex");
  return {
    facts: { id: `${name}-pair@${digest.slice(0, 12)}` },
    score: async (question, texts, between) => {
      // The text is what gives way, until it has half of the room.
      const asked = idsOf(question, Math.floor(capacity / 2));
      const scores = new Float32Array(texts.length);
      for (const [at, text] of texts.entries()) {
        if (at > 0) await between?.();
        scores[at] = await run(asked, idsOf(text, capacity - asked.length));
      }
      return scores;
    },
  };
};
