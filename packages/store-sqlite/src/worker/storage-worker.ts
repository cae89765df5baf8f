/** The entry of a storage thread: requests come in, answers or plain errors go out. */
import { parentPort, workerData } from "node:worker_threads";
import { wallClock } from "@cairn/kernel/clock";
import { plainError } from "@cairn/kernel/error";
import { type DispatcherOptions, makeDispatcher, type Request } from "./dispatcher.ts";

export type ToWorker =
  | { readonly id: number; readonly request: Request }
  | { readonly id: number; readonly request: "close" };
export type FromWorker =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ReturnType<typeof plainError> };

const port = parentPort;
if (port !== null) {
  const dispatcher = makeDispatcher(workerData as DispatcherOptions, wallClock);
  port.on("message", ({ id, request }: ToWorker) => {
    const done = request === "close" ? dispatcher.close() : dispatcher.run(request);
    done.then(
      (value) => port.postMessage({ id, value } satisfies FromWorker),
      (error: unknown) => port.postMessage({ id, error: plainError(error) } satisfies FromWorker),
    );
  });
}
