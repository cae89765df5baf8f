/**
 * How a server ends without losing a call (OPS-5): it says at once that it is not ready, goes on taking calls while
 * whoever balances takes notice, ends each connection with its next answer, and only then closes the port and waits for
 * what is under way. The first signal begins this; another one means now.
 */
import { setTimeout } from "node:timers/promises";
import type { ShutdownSettings } from "../settings.ts";
import type { Readiness } from "./readiness.ts";

export interface Drain {
  readonly readiness: Readiness;
  readonly server: { readonly drain: () => void; readonly close: () => Promise<void> };
  readonly settings: Pick<ShutdownSettings, "delayMs">;
  /** Resolves after so many milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/** Resolves when the port is closed and nothing is under way any more, or was cut off for taking too long. */
export const drain = async ({ readiness, server, settings, wait = setTimeout }: Drain): Promise<void> => {
  readiness.drain();
  server.drain();
  if (settings.delayMs > 0) await wait(settings.delayMs);
  await server.close();
};

/** Launchers pass on what the terminal has sent to all: the same signal so soon after is still the first one. */
const echoMs = 500;

export interface SignalOptions {
  /** Called by the first signal. */
  readonly stop: () => void;
  /** Called by a later one, with the status to end with. */
  readonly abort: (status: number) => void;
  readonly now?: () => number;
}

const statuses = { SIGINT: 130, SIGTERM: 143 } as const;

/** What to do with a signal that asks the process to end. */
export const onEndingSignal = ({ stop, abort, now = () => performance.now() }: SignalOptions) => {
  let first: { readonly signal: string; readonly at: number } | null = null;
  return (signal: keyof typeof statuses): void => {
    if (first === null) {
      first = { signal, at: now() };
      stop();
    } else if (first.signal !== signal || now() - first.at > echoMs) abort(statuses[signal]);
  };
};
