/** Models of the BERT family in this process, in a thread of their own (EMB-2). */
import type { CatalogueEntry } from "../models/catalogue.ts";
import { knownModel, noteModel, stampOf } from "../models/used-models.ts";
import type { PassageVectors } from "@cairn/memory/embedding/embedder";
import type { TextModel } from "../queue/text-model.ts";
import { openModelThread } from "./model-thread.ts";
import { passageTextOf, queryTextOf } from "./passage-text.ts";
import { runtimePackage } from "./runtime.ts";
import { recipe, type TextModelFacts } from "./text-encoder.ts";

export interface OnnxModelOptions {
  readonly folder: string;
  /** What it is taken for; a file that the catalogue knows is recognised without. */
  readonly model?: CatalogueEntry | null;
  /**
   * The data folder, to note there what the model is: the next process that opens it starts its thread only when
   * something is asked, and finds it again when the settings name another one.
   */
  readonly data?: string;
  /** Threads of one run. One leaves the other cores to everybody else. */
  readonly threads?: number;
  /** The package that runs models; tests do without it. */
  readonly runtime?: string;
}

/**
 * Small, because nothing is gained by more: texts are run one by one, and a message to the thread costs a hundredth of
 * a text. Two calls, so that a question can go to the thread while passages are there; it is answered between two runs.
 */
const batch = { texts: 8, characters: 8_000, calls: 2 } as const;

/** Whether the package is there, without loading it. */
const isInstalled = (runtime: string): boolean => {
  try {
    import.meta.resolve(runtime);
    return true;
  } catch {
    return false;
  }
};

/**
 * Opens the model of a folder (`model-folder.ts` says what such a folder holds), in half a second, or at once when it
 * was noted in `data` and its files are as they were. Throws `embedding.unavailable` when the folder or the package
 * onnxruntime-node is absent, `model.invalid` when the model cannot be used.
 */
export const openOnnxModel = async (options: OnnxModelOptions): Promise<TextModel> => {
  const { folder, model: entry = null, data, threads = 1, runtime = runtimePackage } = options;
  const stamp = await stampOf(folder, [recipe, entry?.name ?? null]);
  const known = data === undefined || !isInstalled(runtime) ? null : await knownModel(data, folder, stamp);
  let noting = Promise.resolve();
  const thread = await openModelThread<TextModelFacts>({
    worker: { task: "text", folder, entry, threads, runtime },
    code: "embedding.unavailable",
    known,
    onStart: (facts) => {
      if (data !== undefined && facts.id !== known?.id) noting = noteModel(data, folder, stamp, facts);
    },
  });
  const { id, dimensions, reading } = thread.facts;
  return {
    model: { id, dimensions, provider: "onnx" },
    passageText: passageTextOf(reading),
    queryText: queryTextOf(reading),
    encode: async (texts, kind, signal) =>
      (await thread.run({ call: "encode", texts, kind }, signal)) as readonly PassageVectors[],
    batch,
    close: async () => {
      await thread.close();
      await noting;
    },
  };
};
