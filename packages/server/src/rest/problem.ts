/**
 * Errors over HTTP as problem details (RFC 9457). `code` is the stable name that clients may test; `type` is the same
 * name as a URI, `title` the same in words. `detail` says what was wrong this time and, where known, what would be
 * right. Nothing of a request's content, and no stack, is ever in it.
 */
import { type ErrorCode, errorStatus, type FieldProblem, type LimitData, toCairnError } from "@cairn/kernel/error";

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors?: readonly FieldProblem[];
  /** The version that a conditional write did not expect. */
  readonly current_version?: number;
  /** The limit that was reached, and the plan that lifts it. */
  readonly limit?: {
    readonly name: string;
    readonly used: number;
    readonly most: number;
    readonly plan: string;
    readonly lifted_by: string | null;
  };
  readonly hint?: string;
  readonly request_id: string;
}

export const problemMediaType = "application/problem+json";

/** `memory.version_conflict` → `Memory version conflict`. */
export const problemTitle = (code: ErrorCode): string => {
  const words = code.replace(/[._]/gu, " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

export const problemType = (code: ErrorCode): string => `urn:cairn:problem:${code}`;

const limitOf = ({ liftedBy, ...limit }: LimitData): NonNullable<Problem["limit"]> => ({
  ...limit,
  lifted_by: liftedBy,
});

export const problemOf = (error: unknown, requestId: string): Problem => {
  const { code, message, data } = toCairnError(error);
  return {
    type: problemType(code),
    title: problemTitle(code),
    status: errorStatus[code],
    code,
    detail: message,
    ...(data.problems === undefined ? {} : { errors: data.problems }),
    ...(data.currentVersion === undefined ? {} : { current_version: data.currentVersion }),
    ...(data.limit === undefined ? {} : { limit: limitOf(data.limit) }),
    ...(data.hint === undefined ? {} : { hint: data.hint }),
    request_id: requestId,
  };
};

/** How to sign in, where that was missing (RFC 6750 §3). */
const challenges: Partial<Record<ErrorCode, string>> = {
  "auth.required": 'Bearer realm="cairn"',
  "auth.invalid": 'Bearer realm="cairn", error="invalid_token"',
  "auth.scope_missing": 'Bearer realm="cairn", error="insufficient_scope"',
};

/** Headers that an error adds to its answer: when to come back, how to sign in. */
export const problemHeaders = (error: unknown): Readonly<Record<string, string>> => {
  const { code, data } = toCairnError(error);
  const { retryAfterMs } = data;
  const challenge = challenges[code];
  return {
    ...(retryAfterMs === undefined ? {} : { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    ...(challenge === undefined ? {} : { "WWW-Authenticate": challenge }),
  };
};
