/**
 * onnxruntime-node, loaded only when a model is opened: it is an optional dependency of 290 MB, and everything else
 * works without it. Used in a worker thread, because a run blocks its thread.
 *
 * One sequence a run. Quantized graphs scale their activations over the whole batch, so a text would have another
 * vector in other company (cosine .98 in all-MiniLM-L6-v2, int8); and equal texts shall have equal vectors. Batches of
 * 8 would save 39 % of the processor's time at 12 tokens, 22 % at 22, and cost 10 % at 64 and 34 % at 128.
 */
import { CairnError } from "@cairn/kernel/error";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import type { Framed } from "../tokenizer/framing.ts";
import { unusable } from "./model-folder.ts";

export const runtimePackage = "onnxruntime-node";
export const runtimeVersion = "1.30.0";

interface Runtime {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof Tensor;
}

/** Row-major; `shape` has the batch of one first. */
export interface Output {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface Graph {
  /** Outputs by name, those that the model has. */
  readonly outputs: readonly string[];
  /** One sequence through the model. */
  readonly run: (sequence: Framed, output: string) => Promise<Output>;
  readonly close: () => Promise<void>;
}

/**
 * `name` is the package; a parameter so that bundlers leave the import alone and tests can do without the package.
 * Throws `embedding.unavailable` when it is not installed or does not run on this machine.
 */
const loadRuntime = async (name: string): Promise<Runtime> => {
  try {
    const loaded = (await import(name)) as Runtime & { readonly default?: Runtime };
    return loaded.default ?? loaded;
  } catch (error) {
    const absent = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    const message = absent
      ? "The package onnxruntime-node, which runs models, is not installed."
      : "The package onnxruntime-node, which runs models, does not work on this machine.";
    const hint = `npm install ${runtimePackage}@${runtimeVersion}; until then the built-in embedder works.`;
    throw new CairnError("embedding.unavailable", message, { hint }, { cause: error });
  }
};

const inputs = ["input_ids", "attention_mask", "token_type_ids"] as const;
type Input = (typeof inputs)[number];
const isInput = (name: string): name is Input => inputs.includes(name as Input);

const valueOf = (input: Input, sequence: Framed, at: number): number =>
  input === "input_ids" ? (sequence.ids[at] ?? 0) : input === "attention_mask" ? 1 : (sequence.types[at] ?? 0);

/** Throws `model.invalid` for a file that is no model of the BERT family. */
export const openGraph = async (bytes: Uint8Array, threads: number, name: string): Promise<Graph> => {
  const { InferenceSession: Session, Tensor: Values } = await loadRuntime(name);
  const session = await Session.create(bytes, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // Gives memory back after a long text; measured no slower.
    enableCpuMemArena: false,
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    throw unusable("The .onnx file cannot be loaded.", error);
  });
  const types = new Map(session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : "none"]));
  const unknown = session.inputNames.find((input) => !isInput(input));
  if (unknown !== undefined || !types.has("input_ids")) {
    await session.release();
    throw unusable(`The .onnx file takes other inputs than ${inputs.join(", ")}.`);
  }

  const tensorOf = (input: Input, sequence: Framed): Tensor => {
    const { length } = sequence.ids;
    const dimensions = [1, length];
    const numbers = Array.from({ length }, (_, at) => valueOf(input, sequence, at));
    return types.get(input) === "int32"
      ? new Values("int32", Int32Array.from(numbers), dimensions)
      : new Values("int64", BigInt64Array.from(numbers, BigInt), dimensions);
  };

  return {
    outputs: session.outputNames,
    run: async (sequence, output) => {
      const feeds = Object.fromEntries(
        session.inputNames.filter(isInput).map((input) => [input, tensorOf(input, sequence)]),
      );
      const { [output]: found } = await session.run(feeds, [output]);
      if (found === undefined || !(found.data instanceof Float32Array))
        throw unusable("The model's output is not float32.");
      return { data: found.data, shape: found.dims };
    },
    close: () => session.release(),
  };
};
