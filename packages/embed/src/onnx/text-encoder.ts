/**
 * Texts to unit vectors, in the worker: pieces, chunks of what the model reads at once, one run a chunk, pooling,
 * length one (Reimers & Gurevych 2019). What stands before the mark in a text (date, author, the prefix of a
 * question) is its header: it is read again at the head of each chunk, and is no content by itself.
 */
import { createHash } from "node:crypto";
import { chunkCuts } from "../static/chunk-cuts.ts";
import { makeTextTokenizer } from "../tokenizer/text-tokenizer.ts";
import type { TextKind } from "../queue/text-model.ts";
import type { ModelFolder } from "./model-folder.ts";
import { unusable } from "./model-folder.ts";
import { splitHeader } from "./passage-text.ts";
import type { Graph, Output } from "./runtime.ts";
import type { ReadingSettings } from "../models/catalogue.ts";

export interface TextModelFacts {
  /** Changes with everything that changes vectors. */
  readonly id: string;
  readonly name: string;
  readonly dimensions: number;
  readonly reading: ReadingSettings;
}

export interface TextEncoder {
  readonly facts: TextModelFacts;
  /**
   * One vector a chunk of a passage, none for one without content; exactly one for a question, zeros where it has no
   * content. `between` is awaited after each run, so that others can have theirs.
   */
  readonly encode: (text: string, kind: TextKind, between?: () => Promise<void>) => Promise<Float32Array[]>;
}

/** Counts the changes of this code that alter vectors: chunk borders, the header, pooling. */
export const recipe = 1;

/** Pieces of the header that are read, so that most of a chunk is what was said. */
const headerPieces = 64;
/** Characters a piece that are looked at where only so many pieces are wanted. */
const charactersAPiece = 16;

/** In order of preference: a vector that the graph pooled itself, or those of the tokens. */
const outputs = ["sentence_embedding", "last_hidden_state", "token_embeddings"] as const;

const unit = (sum: Float64Array): Float32Array => {
  let squares = 0;
  for (const value of sum) squares += value * value;
  const inverse = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  return Float32Array.from(sum, (value) => value * inverse);
};

/** `[1, dimensions]`, or `[1, tokens, dimensions]` pooled. */
const pooled = ({ data, shape }: Output, pooling: ReadingSettings["pooling"]): Float32Array => {
  const dimensions = shape.at(-1) ?? 0;
  const tokens = shape.length === 3 && pooling === "mean" ? (shape[1] ?? 0) : 1;
  const sum = new Float64Array(dimensions);
  for (let at = 0; at < tokens * dimensions; at += 1) sum[at % dimensions]! += data[at]!;
  if (!sum.every(Number.isFinite)) throw unusable("The model answered with what is no number.");
  return unit(sum);
};

const identify = (folder: ModelFolder, dimensions: number, output: string): string => {
  const { name, onnxSha256, tokenizerSha256, tokenizerOptions, reading } = folder;
  const { pooling, queryPrefix, passagePrefix, maxTokens, passage } = reading;
  const all = [recipe, onnxSha256, tokenizerSha256, tokenizerOptions, output];
  const settings = [pooling, queryPrefix, passagePrefix, maxTokens, passage];
  const digest = createHash("sha256")
    .update(JSON.stringify([all, settings]))
    .digest("hex");
  return `${name}-${dimensions}@${digest.slice(0, 12)}`;
};

/** Throws `model.invalid` for a model that gives no vectors. */
export const makeTextEncoder = async (folder: ModelFolder, graph: Graph): Promise<TextEncoder> => {
  const { reading } = folder;
  const tokenizer = makeTextTokenizer(folder.tokenizer, folder.tokenizerOptions);
  const { framing } = tokenizer;
  const output = outputs.find((name) => graph.outputs.includes(name));
  if (output === undefined) throw unusable(`The model has none of the outputs ${outputs.join(", ")}.`);
  const capacity = reading.maxTokens - framing.singleExtra;
  if (capacity < 8) throw unusable("The model reads too few tokens at once.");

  const run = async (ids: readonly number[]): Promise<Float32Array> =>
    pooled(await graph.run(framing.single(ids), output), reading.pooling);
  const probe = await graph.run(framing.single(tokenizer.pieces("a").ids), output).catch((error: unknown) => {
    throw unusable("The model cannot be run.", error);
  });
  const dimensions = probe.shape.at(-1) ?? 0;
  const rank = probe.shape.length;
  if (dimensions < 1 || dimensions > 4_096 || probe.shape[0] !== 1 || (rank !== 2 && rank !== 3))
    throw unusable("The model's output has another shape than vectors.");

  const headerOf = (header: string): readonly number[] => {
    const most = Math.min(headerPieces, Math.floor(capacity / 2));
    return tokenizer.pieces(header.slice(0, most * charactersAPiece)).ids.slice(0, most);
  };

  const encodeQuery = async (header: string, content: string): Promise<Float32Array> => {
    const start = headerOf(header);
    const { ids } = tokenizer.pieces(content.trimStart().slice(0, capacity * charactersAPiece));
    if (ids.length === 0) return new Float32Array(dimensions);
    return run([...start, ...ids.slice(0, capacity - start.length)]);
  };

  return {
    facts: { id: identify(folder, dimensions, output), name: folder.name, dimensions, reading },
    encode: async (text, kind, between) => {
      const { header, content } = splitHeader(text);
      if (kind === "query") return [await encodeQuery(header, content)];
      const { ids, continues } = tokenizer.pieces(content);
      const start = ids.length === 0 ? [] : headerOf(header);
      const vectors: Float32Array[] = [];
      let from = 0;
      for (const to of chunkCuts(ids.length, capacity - start.length, continues)) {
        if (from > 0) await between?.();
        const vector = await run([...start, ...ids.slice(from, to)]);
        if (vector.some((value) => value !== 0)) vectors.push(vector);
        from = to;
      }
      return vectors;
    },
  };
};
