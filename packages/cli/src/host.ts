/**
 * The process as commands see it: where they write, what they read, who interrupts them. Passed in, so that tests can
 * be a terminal, a pipe or another machine.
 */
import { homedir, hostname } from "node:os";
import type { Machine } from "@cairn/server/settings/data-folder";
import { exitCodes } from "./exit-codes.ts";

export interface Sink {
  /** Resolves when more may be written. */
  readonly write: (text: string) => Promise<void>;
  readonly isTTY: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  readonly columns: () => number;
}

export interface Host extends Machine {
  readonly cwd: string;
  readonly out: Sink;
  readonly err: Sink;
  readonly input: AsyncIterable<Uint8Array>;
  readonly inputIsTTY: boolean;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  /** A line that the user types; only where input and errors are terminals. */
  readonly ask: (question: string) => Promise<string>;
}

const sinkOf = (stream: NodeJS.WriteStream): Sink => {
  // Whoever reads has gone (`cairn list | head`): there is nobody left to tell.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? exitCodes.ok : exitCodes.failure);
  });
  return {
    write: (text) =>
      new Promise((resolve) => {
        if (stream.write(text)) resolve();
        else stream.once("drain", resolve);
      }),
    isTTY: stream.isTTY,
    columns: () => stream.columns ?? 80,
  };
};

const ask = async (question: string, signal: AbortSignal): Promise<string> => {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal is in raw mode meanwhile, so Ctrl-C comes here and not as a signal.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  // Ctrl-D, or a terminal that goes away, is no yes.
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("n")));
  try {
    return await Promise.race([lines.question(question, { signal }), closed]);
  } finally {
    lines.close();
  }
};

/** How long an interrupted command may take to finish what it is writing. */
const graceMs = 3_000;

export interface ProcessHost extends Host {
  /** From now on the first Ctrl-C aborts `signal`, and a second one ends the process. */
  readonly watchSignals: () => void;
}

export const makeProcessHost = (): ProcessHost => {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
    setTimeout(() => process.exit(exitCodes.interrupted), graceMs).unref();
  };
  return {
    platform: process.platform,
    home: homedir(),
    hostname: hostname(),
    env: process.env,
    cwd: process.cwd(),
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    get input() {
      return process.stdin;
    },
    inputIsTTY: process.stdin.isTTY,
    signal: controller.signal,
    ask: (question) => ask(question, controller.signal),
    watchSignals: () => void process.on("SIGINT", interrupt).on("SIGTERM", interrupt),
  };
};
