/**
 * The one port through which this server writes log lines, and its form for people: a line of JSON on stderr for each
 * failure that is ours, everything else as it is. A line names a route's pattern, never its values, so that no content,
 * id or key of a user reaches a log. `json-log.ts` is the form for machines.
 */
export interface FailureLine {
  readonly requestId: string;
  readonly route: string;
  readonly code: string;
  readonly milliseconds: number;
  /** The kind of the error beneath, such as `SqliteError`, and where it was thrown; never its message. */
  readonly cause?: string;
  /** Of the request's trace, where there is one. */
  readonly traceId?: string;
}

export type FailureLog = (line: FailureLine) => void;

export interface RequestLine {
  readonly requestId: string;
  readonly traceId: string | null;
  readonly method: string;
  /** The pattern, such as `/v1/memories/{id}`; `none` where no route fits. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Sent, the head included. */
  readonly bytes: number;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Logger {
  readonly failure: FailureLog;
  /** Null where requests are not logged, so that nothing is gathered for a line. */
  readonly request: ((line: RequestLine) => void) | null;
  /** A line for people about the server itself, made of settings and codes. */
  readonly notice: (level: LogLevel, line: string) => void;
  /** Lines that were given up because nobody took them in time. */
  readonly dropped: () => number;
  /** Writes what is still on its way; lines that come later are written too. */
  readonly flush: () => Promise<void>;
}

const framePattern = /^\s+at .*:\d+:\d+\)?$/u;

/** Where it was thrown. The message, which stands before the frames, is passed over: it may hold lines of any kind. */
const frame = ({ stack = "", message }: Error): string => {
  const after = message === "" ? 0 : stack.indexOf(message) + message.length;
  const line = stack
    .slice(after)
    .split("\n")
    .find((given) => framePattern.test(given));
  return (line ?? "").trim();
};

const nameOf = ({ name }: Error): string => (/^\w{1,60}$/u.test(name) ? name : "Error");

/** What can be said about an error without repeating its text, which may hold content. */
export const describeCause = (error: unknown): string | undefined => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? `${nameOf(cause)} ${frame(cause)}`.trim() : undefined;
};

const tenths = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;

/** A failure under the names that every form of the log uses. */
export const failureFields = ({ requestId, route, code, milliseconds, cause, traceId }: FailureLine) => ({
  request_id: requestId,
  route,
  code,
  ms: tenths(milliseconds),
  ...(cause === undefined ? {} : { cause }),
  ...(traceId === undefined ? {} : { trace_id: traceId }),
});

export const requestFields = ({ requestId, traceId, method, route, status, milliseconds, bytes }: RequestLine) => ({
  request_id: requestId,
  method,
  route,
  status,
  ms: tenths(milliseconds),
  bytes,
  ...(traceId === null ? {} : { trace_id: traceId }),
});

const writeLine = (level: LogLevel, fields: object): void =>
  void process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, ...fields })}\n`);

export const logToStderr: FailureLog = (line) => writeLine("error", failureFields(line));

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Whether a line of this level is written when `least` is the lowest that is. */
export const isWritten = (level: LogLevel, least: LogLevel): boolean => levels.indexOf(level) >= levels.indexOf(least);

export interface TextLoggerOptions {
  readonly level: LogLevel;
  readonly requests: boolean;
  /** Takes lines for people. */
  readonly warn: (line: string) => void;
}

/** The log of a server that a person watches. */
export const makeTextLogger = ({ level, requests, warn }: TextLoggerOptions): Logger => ({
  failure: logToStderr,
  request: requests && isWritten("info", level) ? (line) => writeLine("info", requestFields(line)) : null,
  notice: (given, line) => {
    // What is merely of interest is in the greeting, which people read.
    if (isWritten(given, level) && isWritten(given, "warn")) warn(line);
  },
  dropped: () => 0,
  flush: async () => undefined,
});
