/**
 * Closed, open, half-open (Nygard, Release It!): after some failures in a row nobody asks for a while, so that a dead
 * service costs nothing; then one call may try, and its success lets everybody in again.
 */
export type BreakerState = "closed" | "open" | "half-open";

export interface CircuitBreaker {
  readonly state: () => BreakerState;
  /** Milliseconds until the next try; 0 when a call may go now. In half-open state that call is the only one. */
  readonly enter: () => number;
  readonly succeeded: () => void;
  /** A failure, which may weigh as much as several. */
  readonly failed: (weight?: number) => void;
  /** A failure after which nobody shall ask for that long, whatever came before. */
  readonly failedFor: (milliseconds: number) => void;
  /** The call that entered ended without telling anything about the service. */
  readonly left: () => void;
}

const failuresToOpen = 5;
const firstOpenMs = 2_000;
const longestOpenMs = 60_000;

export const makeCircuitBreaker = (now: () => number): CircuitBreaker => {
  let failures = 0;
  let openings = 0;
  let openUntil = 0;
  let trying = false;

  const state = (): BreakerState => {
    if (openUntil === 0) return "closed";
    return now() < openUntil ? "open" : "half-open";
  };

  const open = (milliseconds: number): void => {
    openUntil = now() + Math.max(1, milliseconds);
    openings += 1;
    trying = false;
  };

  return {
    state,
    enter: () => {
      const current = state();
      if (current === "closed") return 0;
      if (current === "open") return openUntil - now();
      if (trying) return firstOpenMs;
      trying = true;
      return 0;
    },
    succeeded: () => {
      failures = 0;
      openings = 0;
      openUntil = 0;
      trying = false;
    },
    failed: (weight = 1) => {
      failures += weight;
      if (openUntil !== 0 || failures >= failuresToOpen)
        open(Math.min(longestOpenMs, firstOpenMs * 2 ** Math.min(openings, 10)));
    },
    failedFor: (milliseconds) => {
      failures += 1;
      open(milliseconds);
    },
    left: () => {
      trying = false;
    },
  };
};
