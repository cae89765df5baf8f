/**
 * The log for machines: one JSON object a line on stderr (or another descriptor), written by pino without waiting for
 * whoever reads it. Loaded by servers that want it and by nothing else.
 */
import { pino } from "pino";
import { failureFields, isWritten, type Logger, type LogLevel, requestFields } from "./log.ts";

export interface JsonLoggerOptions {
  readonly level: LogLevel;
  readonly requests: boolean;
  /** In every line: which server wrote it. */
  readonly instance: string;
  /** A file descriptor; stderr by default. */
  readonly descriptor?: number;
}

/** Bytes that may wait for a slow reader; beyond that lines are given up, and counted. */
const mostWaiting = 4 * 1024 * 1024;
/** Milliseconds that the last lines may take. */
const farewellMs = 1_000;

export const makeJsonLogger = ({ level, requests, instance, descriptor = 2 }: JsonLoggerOptions): Logger => {
  const destination = pino.destination({ dest: descriptor, sync: false, minLength: 1, maxLength: mostWaiting });
  let dropped = 0;
  destination.on("drop", () => (dropped += 1));
  // A log that nobody can be written to any more ends no server.
  destination.on("error", () => (dropped += 1));
  const log = pino(
    {
      level,
      base: { instance },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    failure: (line) => log.error(failureFields(line), "failed"),
    request: requests && isWritten("info", level) ? (line) => log.info(requestFields(line), "request") : null,
    notice: (given, line) => log[given](line),
    dropped: () => dropped,
    flush: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, farewellMs);
      // It is told of an error too; nothing can be done about one.
      destination.flush(() => resolve());
      await promise;
      clearTimeout(timer);
    },
  };
};
