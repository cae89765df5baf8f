/**
 * Rates in the headers of an answer: `RateLimit-Policy` and `RateLimit`, structured fields of
 * draft-ietf-httpapi-ratelimit-headers-10, one item for each rate that the call was counted under. Clients that know only
 * the three older names find the rate with the least left there. `Retry-After` comes from the error (`problem.ts`).
 */
import type { RateState } from "@cairn/operations/limits";

const list = (states: readonly RateState[], item: (state: RateState) => string): string => states.map(item).join(", ");

const leastLeft = (states: readonly RateState[]): RateState | undefined =>
  states.toSorted((one, other) => one.remaining / one.most - other.remaining / other.most)[0];

/** Nothing for a call that was counted under no rate. */
export const rateHeaders = (states: readonly RateState[]): Readonly<Record<string, string>> => {
  const least = leastLeft(states);
  if (least === undefined) return {};
  return {
    "RateLimit-Policy": list(states, ({ name, most, windowSeconds }) => `"${name}";q=${most};w=${windowSeconds}`),
    RateLimit: list(states, ({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`),
    "RateLimit-Limit": String(least.most),
    "RateLimit-Remaining": String(least.remaining),
    "RateLimit-Reset": String(least.resetSeconds),
  };
};
