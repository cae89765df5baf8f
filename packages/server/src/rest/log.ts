/**
 * One line of JSON for each failure that is ours, on stderr. It names the route's pattern, never its values, so that
 * no content, id or key of a user reaches a log.
 */
export interface FailureLine {
  readonly requestId: string;
  readonly route: string;
  readonly code: string;
  readonly milliseconds: number;
  /** The kind of the error beneath, such as `SqliteError`, and where it was thrown; never its message. */
  readonly cause?: string;
}

export type FailureLog = (line: FailureLine) => void;

const frame = (error: Error): string => {
  const line = error.stack?.split("\n").find((given) => given.trimStart().startsWith("at ")) ?? "";
  return line.trim();
};

/** What can be said about an error without repeating its text, which may hold content. */
export const describeCause = (error: unknown): string | undefined => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? `${cause.name} ${frame(cause)}`.trim() : undefined;
};

export const logToStderr: FailureLog = ({ requestId, route, code, milliseconds, cause }) => {
  const line = {
    time: new Date().toISOString(),
    level: "error",
    request_id: requestId,
    route,
    code,
    ms: Math.round(milliseconds * 10) / 10,
    ...(cause === undefined ? {} : { cause }),
  };
  process.stderr.write(`${JSON.stringify(line)}\n`);
};
