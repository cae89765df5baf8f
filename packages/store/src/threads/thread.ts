/** One storage thread seen from outside: sends requests, matches answers, and survives the thread's death. */
import { Worker } from "node:worker_threads";
import { CairnError, reviveError } from "@cairn/kernel/error";
import type { Pool } from "../arena/pool.ts";
import { byDeadline, cutOf } from "./deadline.ts";
import { counted, type Readers } from "./readers.ts";
import type { Request, Seat } from "./request.ts";
import type { FromWorker, ToWorker } from "./serve-requests.ts";

export interface StorageThread {
  readonly run: (request: Request) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** `entry` is the thread's program, which gets `options` and its `Seat` as `workerData`. */
export const startThread = (entry: URL, options: object, pool: Pool, readers: Readers): StorageThread => {
  let worker: Worker | null = null;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  const failAll = (error: CairnError): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const start = (): Worker => {
    const seat = pool.join();
    const started = new Worker(entry, {
      workerData: { ...options, seat, readers } satisfies Seat,
      // Of the flags that started the process, what says how to read its own entry is not meant for this one.
      execArgv: process.execArgv.filter((flag) => !flag.startsWith("--input-type")),
    });
    started.on("message", (message: FromWorker) => {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (waiting.size === 0) started.unref();
      if ("error" in message) call?.reject(reviveError(message.error));
      else call?.resolve(message.value);
    });
    // What was committed is on disk; what was under way is not acknowledged. The next call starts a new thread.
    const lost = (cause?: unknown): void => {
      if (worker === started) worker = null;
      failAll(
        new CairnError("storage.unavailable", "The storage thread stopped; the call may be repeated.", {}, { cause }),
      );
    };
    started.on("error", lost);
    started.on("exit", () => {
      pool.leave(seat);
      lost();
    });
    return started;
  };
  const send = (request: ToWorker["request"], until: number | null = null): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker ??= start();
      worker.ref();
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, request, until });
    });

  const ask = (request: Request): Promise<unknown> => {
    const cutAt = cutOf(request, Date.now());
    return counted(readers, () => (cutAt === null ? send(request) : byDeadline(send(request, cutAt), cutAt)));
  };

  return {
    run: (request) => (request.name === "recall" ? ask(request) : send(request)),
    close: async () => {
      if (worker === null) return;
      await send("close");
      const ended = worker;
      worker = null;
      await ended.terminate();
    },
  };
};
