/**
 * The entry of a model's thread: it opens the model, says what it is, and answers one call after the other. A question
 * does not wait for the passages before it: between two runs of the model, what is urgent goes first.
 */
import { setImmediate } from "node:timers/promises";
import { parentPort, type TransferListItem, workerData } from "node:worker_threads";
import { CairnError, plainError, isCairnError, type PlainError } from "@cairn/kernel/error";
import type { CatalogueEntry } from "../models/catalogue.ts";
import type { TextKind } from "../queue/text-model.ts";
import { readModelFolder } from "./model-folder.ts";
import { makePairEncoder, type PairModelFacts } from "./pair-encoder.ts";
import { openGraph } from "./runtime.ts";
import { makeTextEncoder, type TextModelFacts } from "./text-encoder.ts";

export interface WorkerOptions {
  readonly task: "text" | "pair";
  readonly folder: string;
  readonly entry: CatalogueEntry | null;
  readonly threads: number;
  /** The package that runs models. */
  readonly runtime: string;
}

export type WorkerCall =
  | { readonly call: "encode"; readonly texts: readonly string[]; readonly kind: TextKind }
  | { readonly call: "score"; readonly question: string; readonly texts: readonly string[] };
export interface ToModel {
  readonly id: number;
  readonly request: WorkerCall;
}
export type ModelFacts = TextModelFacts | PairModelFacts;
/** The first message has id 0: what the model is, or why it cannot be opened. */
export type FromModel =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PlainError };

interface Answer {
  readonly value: unknown;
  readonly transfer: readonly TransferListItem[];
}
type Between = () => Promise<void>;
interface Model {
  readonly facts: ModelFacts;
  readonly answer: (request: WorkerCall, between: Between) => Promise<Answer>;
}

const wrongCall = (): CairnError => new CairnError("internal", "The model was asked for what it does not do.");

const openModel = async ({ task, folder, entry, threads, runtime }: WorkerOptions): Promise<Model> => {
  const files = await readModelFolder(folder, entry);
  const graph = await openGraph(files.onnx, threads, runtime);
  if (task === "pair") {
    const { facts, score } = await makePairEncoder(files, graph);
    return {
      facts,
      answer: async (request, between) => {
        if (request.call !== "score") throw wrongCall();
        const value = await score(request.question, request.texts, between);
        return { value, transfer: [value.buffer] };
      },
    };
  }
  const { facts, encode } = await makeTextEncoder(files, graph);
  return {
    facts,
    answer: async (request, between) => {
      if (request.call !== "encode") throw wrongCall();
      const value: Float32Array[][] = [];
      for (const text of request.texts) {
        if (value.length > 0) await between();
        value.push(await encode(text, request.kind, between));
      }
      return { value, transfer: value.flat().map(({ buffer }) => buffer as ArrayBuffer) };
    },
  };
};

const isUrgent = ({ request }: ToModel): boolean => request.call === "score" || request.kind === "query";

/** Whatever goes wrong with a call, the model cannot answer it; the next one may go well. */
const asPlain = (error: unknown): PlainError => {
  const message = isCairnError(error) ? error.message : "The model failed on this text.";
  return plainError(new CairnError("embedding.unavailable", message, {}, { cause: error }));
};

const port = parentPort;
if (port !== null) {
  const say = (message: FromModel, transfer: readonly TransferListItem[] = []): void =>
    port.postMessage(message, transfer);
  const urgent: ToModel[] = [];
  const patient: ToModel[] = [];
  let running = false;

  const answerOne = async (model: Model, { id, request }: ToModel, between: Between): Promise<void> => {
    try {
      const { value, transfer } = await model.answer(request, between);
      say({ id, value }, transfer);
    } catch (error) {
      say({ id, error: asPlain(error) });
    }
  };
  const answerUrgent = async (model: Model): Promise<void> => {
    // A turn of the event loop, in which messages arrive.
    await setImmediate();
    for (let next = urgent.shift(); next !== undefined; next = urgent.shift())
      await answerOne(model, next, () => Promise.resolve());
  };
  const answerAll = async (model: Model): Promise<void> => {
    if (running) return;
    running = true;
    for (;;) {
      const next = urgent.shift() ?? patient.shift();
      if (next === undefined) break;
      await answerOne(model, next, isUrgent(next) ? () => Promise.resolve() : () => answerUrgent(model));
    }
    running = false;
  };

  try {
    const model = await openModel(workerData as WorkerOptions);
    port.on("message", (message: ToModel) => {
      (isUrgent(message) ? urgent : patient).push(message);
      void answerAll(model);
    });
    say({ id: 0, value: model.facts });
  } catch (error) {
    say({ id: 0, error: plainError(error) });
  }
}
