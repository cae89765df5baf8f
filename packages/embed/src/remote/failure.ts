/** What can go wrong with one request, by what is to be done about it. Nothing of an answer's text is ever repeated. */
export type FailureKind =
  /** May be gone next time: network, timeout, 408, 409, 429, 5xx, a body that was cut short. */
  | "passing"
  /** Too much at once: fewer or shorter texts may be taken. */
  | "size"
  /** 400 or 422 for no reason that is known: a text, or a setting. */
  | "refused"
  /** A setting is wrong: asking again changes nothing. */
  | "setting"
  /** The service answered, but not with embeddings of this model. */
  | "answer"
  /** The caller gave up. */
  | "calledOff";

export interface Failure {
  readonly kind: FailureKind;
  /** Reads on from "The embedding service at HOST …". */
  readonly reason: string;
  readonly hint?: string;
  readonly retryAfterMs?: number;
  /** The time allowed for the request was over. */
  readonly timedOut?: boolean;
}

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

export const failed = (failure: Failure): Outcome<never> => ({ ok: false, failure });
