/**
 * Failed sign-ins and wrong keys by address (TEN-4): who fails often is not asked again for a while, on any server. An
 * answer is believed for a second. While the counters cannot be reached nobody is let in whom they would have to vouch
 * for: both calls throw then.
 */
import type { LimitCounters, RateHit } from "@cairn/directory/limits/limit-counters";
import type { Clock, Millis } from "@cairn/kernel/clock";
import { addressBlock } from "./address.ts";

export interface SignInFailures {
  /** Milliseconds until the address may try again; null: it may. Throws storage.*. */
  readonly blocked: (address: string | null) => Promise<number | null>;
  /** It has failed. Throws storage.*. */
  readonly failed: (address: string | null) => Promise<void>;
}

export interface FailuresOptions {
  readonly counters: Pick<LimitCounters, "hit" | "look">;
  readonly clock: Clock;
  /** Failures within `windowMs` that an address may have. */
  readonly most?: number;
  readonly windowMs?: number;
}

const believedMs = 1_000;
const mostKnown = 10_000;

export const makeFailures = ({
  counters,
  clock,
  most = 20,
  windowMs = 15 * 60_000,
}: FailuresOptions): SignInFailures => {
  const known = new Map<string, { readonly seenAt: Millis; readonly blockedUntil: Millis }>();
  const hitOf = (block: string): RateHit => ({ key: `failures ${block}`, most, windowMs });

  const note = (block: string, retryAfterMs: number): Millis => {
    const now = clock();
    const blockedUntil = retryAfterMs > 0 ? now + retryAfterMs : 0;
    known.delete(block);
    known.set(block, { seenAt: now, blockedUntil });
    const [oldest] = known.keys();
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
    return blockedUntil;
  };

  return {
    blocked: async (address) => {
      if (address === null) return null;
      const block = addressBlock(address);
      const seen = known.get(block);
      const fresh = seen !== undefined && clock() - seen.seenAt < believedMs;
      if (!fresh && (seen?.blockedUntil ?? 0) <= clock()) {
        const [answer] = await counters.look([hitOf(block)]);
        note(block, answer?.retryAfterMs ?? 0);
      }
      const left = (known.get(block)?.blockedUntil ?? 0) - clock();
      return left > 0 ? left : null;
    },
    failed: async (address) => {
      if (address === null) return;
      const block = addressBlock(address);
      const [answer] = await counters.hit([hitOf(block)]);
      note(block, answer?.retryAfterMs ?? 0);
    },
  };
};
