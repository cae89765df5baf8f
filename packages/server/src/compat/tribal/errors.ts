/**
 * How TribalMemory's routes tell of errors, as its clients expect: a request that fails validation is 422 with a list
 * of what is wrong where (FastAPI's shape); a failure while working is 200 with `success: false` and `error`. What its
 * clients never met (a refused Host, a body over the limit, a database that is away) is a problem document, as on every
 * other route.
 */
import { type CairnError, type ErrorCode, type FieldProblem } from "@cairn/kernel/error";
import type { Answer, AnswerContext, ErrorStyle, RequestParts } from "../../rest/binding.ts";

export interface ValidationItem {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** Where a request carries its fields. */
export type Source = "body" | "query" | "path";

/** FastAPI's names of what is wrong; a number that is out of range has names of its own. */
const kinds: Readonly<Record<string, string>> = {
  invalid_type: "type_error",
  too_small: "too_short",
  too_big: "too_long",
  invalid_value: "enum",
};
const numberKinds: Readonly<Record<string, string>> = {
  too_small: "greater_than_equal",
  too_big: "less_than_equal",
};

/** What the request says at a place; undefined where it says nothing. */
const valueAt = (value: unknown, place: readonly (string | number)[]): unknown =>
  place.reduce<unknown>(
    (at, part) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, part)
        ? (at as Readonly<Record<string | number, unknown>>)[part]
        : undefined,
    value,
  );

const itemOf = ({ path, code, message }: FieldProblem, source: Source, parts: RequestParts): ValidationItem => {
  const place = path
    .split(".")
    .filter((part) => part !== "")
    .map((part) => (/^\d+$/u.test(part) ? Number(part) : part));
  const given = valueAt(parts[source], place);
  const missing = code === "invalid_type" && given === undefined;
  const kind = (typeof given === "number" ? numberKinds[code] : undefined) ?? kinds[code] ?? "value_error";
  return {
    loc: [source, ...place],
    msg: missing ? "Field required" : message,
    type: missing ? "missing" : kind,
  };
};

const validationAnswer = (error: CairnError, source: Source, { parts, requestId }: AnswerContext): Answer => {
  const problems = error.data.problems ?? [];
  const whole: ValidationItem = {
    loc: [source],
    msg: error.message,
    type: error.code === "request.malformed" ? "json_invalid" : "value_error",
  };
  const detail = problems.length > 0 ? problems.map((problem) => itemOf(problem, source, parts)) : [whole];
  return { status: 422, body: { detail, code: error.code, request_id: requestId } };
};

const invalid: ReadonlySet<ErrorCode> = new Set(["request.invalid", "request.malformed"]);
const general: ReadonlySet<ErrorCode> = new Set([
  "request.too_large",
  "request.timeout",
  "request.unsupported_media_type",
  "request.idempotency_conflict",
  "request.already_done",
  "reranker.unavailable",
  "server.shutting_down",
  "server.not_ready",
  "auth.required",
  "auth.invalid",
  "auth.forbidden",
  "auth.scope_missing",
  "space.forbidden",
  "organisation.suspended",
  "limit.exceeded",
  "limit.rate_exceeded",
  // What passes by itself: balancers and clients must see that they may try again, and when.
  "storage.busy",
  "storage.unavailable",
]);

/** What an error adds to the answer of a failed call. */
export interface FailureFields {
  readonly error: string;
  readonly code: ErrorCode;
  readonly current_version?: number;
  readonly request_id: string;
}

export interface TribalStyle {
  readonly source?: Source;
  /** The answer of a call that failed while working. */
  readonly failed: (fields: FailureFields, context: AnswerContext) => unknown;
  /** Validation errors that this route tells of as failures. */
  readonly failsSoftly?: (error: CairnError) => boolean;
}

export const tribalStyle = ({ source = "body", failed, failsSoftly = () => false }: TribalStyle): ErrorStyle => ({
  kind: "tribal",
  answer: (error, context) => {
    const { requestId } = context;
    if (general.has(error.code)) return null;
    if (invalid.has(error.code) && !failsSoftly(error)) return validationAnswer(error, source, context);
    const { currentVersion } = error.data;
    const fields: FailureFields = {
      error: error.message,
      code: error.code,
      ...(currentVersion === undefined ? {} : { current_version: currentVersion }),
      request_id: requestId,
    };
    return { status: 200, body: failed(fields, context) };
  },
});
