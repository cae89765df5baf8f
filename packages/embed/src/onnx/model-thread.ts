/**
 * A model's worker thread seen from outside. Calls of one kind go one at a time, so that a call that nobody waits for
 * any more can be dropped until it has begun; questions and passages have a lane each. The thread is started again by
 * the next call after it died, and it never keeps the process alive while nothing is asked of it.
 */
import { Worker } from "node:worker_threads";
import { CairnError, type ErrorCode, reviveError, toCairnError } from "@cairn/kernel/error";
import { workerFile } from "@cairn/kernel/worker-file";
import type { FromModel, ModelFacts, ToModel, WorkerCall, WorkerOptions } from "./onnx-worker.ts";

export interface ModelThread<Facts extends ModelFacts> {
  readonly facts: Facts;
  readonly run: (request: WorkerCall, signal?: AbortSignal) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

interface Job {
  readonly request: WorkerCall;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Lane {
  readonly waiting: Job[];
  busy: boolean;
}

/** More calls than this do not wait in memory; whoever has so many should have a queue. */
const mostWaiting = 1_000;
const retryAfterMs = 200;

interface Started<Facts> {
  readonly worker: Worker;
  readonly facts: Facts;
  readonly ask: (request: WorkerCall) => Promise<unknown>;
}

/**
 * A thread takes over the flags that started the process. One of them is not meant for it: what says how the process's
 * own entry is to be read. Flags that are named are checked, and those of V8 refused, so they are named only then.
 */
const ownFlags = (): { readonly execArgv?: string[] } => {
  const others = process.execArgv.filter((flag) => !flag.startsWith("--input-type"));
  return others.length === process.execArgv.length ? {} : { execArgv: others };
};

const startWorker = async <Facts extends ModelFacts>(
  options: WorkerOptions,
  code: ErrorCode,
  onEnd: () => void,
): Promise<Started<Facts>> => {
  const worker = new Worker(workerFile(import.meta.url, "./onnx-worker.ts"), {
    workerData: options,
    ...ownFlags(),
  });
  let lastId = 0;
  const waiting = new Map<number, Pick<Job, "resolve" | "reject">>();
  const first = Promise.withResolvers<unknown>();
  waiting.set(0, first);

  worker.on("message", (message: FromModel) => {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (waiting.size === 0) worker.unref();
    if ("error" in message) call?.reject(reviveError(message.error));
    else call?.resolve(message.value);
  });
  const lost = (cause?: unknown): void => {
    onEnd();
    const error = new CairnError(code, "The model's thread stopped.", { retryAfterMs }, { cause });
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on("error", lost);
  worker.on("exit", () => lost());
  const ask = (request: WorkerCall): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker.ref();
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, request } satisfies ToModel);
    });
  try {
    return { worker, facts: (await first.promise) as Facts, ask };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
};

export interface ThreadOptions<Facts> {
  readonly worker: WorkerOptions;
  /** What failures of a call are, as the port that is implemented asks. */
  readonly code: "embedding.unavailable" | "reranker.unavailable";
  /** What the model is known to be: the thread then starts at the first call only, and must find just that. */
  readonly known?: Facts | null;
  /** Called with what a thread found, whenever one has started. */
  readonly onStart?: (facts: Facts) => void;
}

/** A model that cannot be opened is not tried again at every call. */
const failureKeptMs = 5_000;

/**
 * Opens the model; throws `model.invalid` or `embedding.unavailable` when that fails. Afterwards calls fail with
 * `code`, or with the signal's reason when it aborts before the call has begun.
 */
export const openModelThread = async <Facts extends ModelFacts>({
  worker,
  code,
  known = null,
  onStart = () => undefined,
}: ThreadOptions<Facts>): Promise<ModelThread<Facts>> => {
  let current: Promise<Started<Facts>> | null = null;
  let failure: { readonly error: CairnError; readonly until: number } | null = null;
  let closed = false;
  const urgent: Lane = { waiting: [], busy: false };
  const patient: Lane = { waiting: [], busy: false };

  const start = (): Promise<Started<Facts>> => {
    const forget = (): void => {
      if (current === starting) current = null;
    };
    const starting = startWorker<Facts>(worker, code, forget);
    current = starting;
    starting.then(({ facts }) => onStart(facts), forget);
    return starting;
  };
  const facts = known ?? (await start()).facts;

  const failed = (message: string, data: CairnError["data"], cause?: unknown): CairnError => {
    const error = new CairnError(code, message, { ...data, retryAfterMs: failureKeptMs }, { cause });
    failure = { error, until: performance.now() + failureKeptMs };
    return error;
  };

  /** The thread, started where there is none; its model must be the one that was opened. */
  const ready = async (): Promise<Started<Facts>> => {
    if (current === null && failure !== null && failure.until > performance.now()) throw failure.error;
    const started = await (current ?? start()).catch((error: unknown) => {
      const { message, data } = toCairnError(error);
      throw failed(message, data, error);
    });
    if (started.facts.id === facts.id) return started;
    await started.worker.terminate();
    const hint = "Start Cairn again to use the model that lies there now.";
    throw failed("The model's files are others than at the start.", { hint });
  };
  const refused = (): CairnError => new CairnError(code, "The model is closed.");

  const pump = async (lane: Lane): Promise<void> => {
    if (lane.busy) return;
    lane.busy = true;
    for (let job = lane.waiting.shift(); job !== undefined; job = lane.waiting.shift()) {
      try {
        if (closed) throw refused();
        const started = await ready();
        job.resolve(await started.ask(job.request));
      } catch (error) {
        job.reject(closed ? refused() : error);
      }
    }
    lane.busy = false;
  };

  return {
    facts,
    run: (request, signal) => {
      if (closed) return Promise.reject(refused());
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      const lane = request.call === "encode" && request.kind === "passage" ? patient : urgent;
      if (lane.waiting.length >= mostWaiting) {
        return Promise.reject(new CairnError(code, "Too much waits for the model.", { retryAfterMs }));
      }
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const job: Job = { request, resolve, reject };
      const drop = (): void => {
        const at = lane.waiting.indexOf(job);
        if (at < 0) return;
        lane.waiting.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", drop, { once: true });
      lane.waiting.push(job);
      void pump(lane);
      return promise.finally(() => signal?.removeEventListener("abort", drop));
    },
    close: async () => {
      closed = true;
      const ending = current;
      current = null;
      for (const job of [urgent, patient].flatMap(({ waiting }) => waiting.splice(0))) job.reject(refused());
      const started = await ending?.catch(() => null);
      await started?.worker.terminate();
    },
  };
};
