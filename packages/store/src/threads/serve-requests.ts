/** The inside of a storage thread: requests come in, answers or plain errors go out. */
import { setImmediate } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import { plainError } from "@cairn/kernel/error";
import { nothingYet } from "./deadline.ts";
import type { Dispatcher, Request } from "./request.ts";

export type ToWorker =
  /** Nobody waits for the answer from `until` on, wall clock. */
  | { readonly id: number; readonly request: Request; readonly until?: number | null }
  | { readonly id: number; readonly request: "close" };
export type FromWorker =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ReturnType<typeof plainError> };

/** Outcomes of this many memories are enough for the receiving thread to read without a look at anything else. */
const largeAnswer = 16;
const isLarge = (message: FromWorker): boolean =>
  "value" in message && Array.isArray(message.value) && message.value.length > largeAnswer;

/** Answers what comes in at `port` with `dispatcher`, until it is told to close. */
export const serveRequests = (port: MessagePort, dispatcher: Dispatcher): void => {
  const large: FromWorker[] = [];
  const sendNext = (): void => {
    const next = large.shift();
    if (next !== undefined) port.postMessage(next);
    if (large.length > 0) setTimeout(sendNext, 1);
  };
  /** Calls that were stored together end together: their outcomes go out one by one, past which others may slip. */
  const send = (message: FromWorker): void => {
    if (!isLarge(message)) port.postMessage(message);
    else if (large.push(message) === 1) setTimeout(sendNext, 0);
  };
  /** The thread ends when this is answered: what others wait for goes out first. */
  const close = async (): Promise<void> => {
    await dispatcher.close();
    await setImmediate();
    for (const message of large.splice(0)) port.postMessage(message);
  };
  port.on("message", (message: ToWorker) => {
    const { id, request } = message;
    if (request !== "close" && "until" in message && Date.now() > (message.until ?? Infinity)) {
      // It waited here until nobody wanted the answer any more.
      send({ id, value: nothingYet });
      return;
    }
    const done = request === "close" ? close() : dispatcher.run(request);
    done.then(
      (value: unknown) => send({ id, value }),
      (error: unknown) => send({ id, error: plainError(error) }),
    );
  });
};
