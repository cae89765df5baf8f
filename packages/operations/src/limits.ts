/**
 * The port of limits as the pipeline asks it: rates and bounded work before anything else is done (TEN-4), the plan's
 * limits before any work (TEN-5). What a call came to is settled when it ends.
 */
import type { Caller } from "./context.ts";
import type { Expected, Operation, Usage } from "./operation.ts";

/** How much of one rate is left, for the `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers). */
export interface RateState {
  /** The policy: `key`, `tenant` or `address`. */
  readonly name: string;
  /** Calls in a window. */
  readonly most: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

export interface Admission {
  /** Throws limit.exceeded, naming the limit, where the plan of the caller's organisation does not allow that much. */
  readonly expect: (expected: Expected) => Promise<void>;
  /** The call has ended; null: it came to nothing. Never rejects. */
  readonly end: (usage: Usage | null) => Promise<void>;
}

export interface CallLimits {
  /** Waits for its turn. Throws limit.rate_exceeded, with when to come again. */
  readonly admit: (caller: Caller, operation: Operation) => Promise<Admission>;
}

const admitted: Admission = { expect: async () => undefined, end: async () => undefined };

export const unlimited: CallLimits = { admit: async () => admitted };
