/**
 * Rates of calls (TEN-4): one question to the counters for all rates of a call. Who was refused is remembered here for a
 * while and costs no further question, however hard it knocks. While the counters cannot be reached, calls are counted
 * in this process: better a rate that is right on each server than no service.
 */
import type { LimitCounters, RateHit } from "@cairn/directory/limits/limit-counters";
import type { RateAnswer } from "@cairn/directory/limits/rate-window";
import type { Clock, Millis } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { RateState } from "@cairn/operations/limits";
import { makeLocalRates } from "./local-rates.ts";

export interface Rate {
  /** As clients see it: `key`, `tenant`, `address`. */
  readonly name: string;
  readonly hit: RateHit;
}

export interface RatesOptions {
  readonly counters: Pick<LimitCounters, "hit" | "giveBack">;
  readonly clock: Clock;
  /** Told once an outage of the counters. */
  readonly failed: (error: unknown) => void;
}

export interface RatesChecked {
  readonly states: readonly RateState[];
  /** Null: the call is let through. */
  readonly refusal: CairnError | null;
}

/** So long nobody asks counters that could not be reached. */
const outageMs = 1_000;
/** A refusal is remembered no longer, so that another plan is soon felt. */
const rememberMs = 5_000;
const mostRefused = 10_000;

/** Where nothing is left, the reset is when something is. */
const stateOf = ({ name, hit }: Rate, { remaining, resetMs, retryAfterMs }: RateAnswer): RateState => ({
  name,
  most: hit.most,
  windowSeconds: Math.round(hit.windowMs / 1_000),
  remaining,
  resetSeconds: Math.ceil((remaining === 0 ? retryAfterMs : resetMs) / 1_000),
});

const of: Readonly<Record<string, string>> = {
  key: "of this key",
  tenant: "of your organisation",
  address: "from your address",
};

const refusalOf = ({ name, hit }: Rate, retryAfterMs: number): CairnError =>
  new CairnError(
    "limit.rate_exceeded",
    `Too many calls ${of[name] ?? ""}: ${hit.most} in ${Math.round(hit.windowMs / 1_000)} seconds are allowed.`,
    { retryAfterMs, hint: "Come again when Retry-After says." },
  );

export const makeRates = ({ counters, clock, failed }: RatesOptions) => {
  const local = makeLocalRates(clock);
  const refused = new Map<string, { readonly until: Millis; readonly forgetAt: Millis }>();
  let awayUntil: Millis = Number.NEGATIVE_INFINITY;
  const figures = { rateRefused: 0, rateCountersAway: 0 };

  const count = async (hits: readonly RateHit[]): Promise<readonly RateAnswer[]> => {
    if (clock() < awayUntil) return local(hits);
    try {
      return await counters.hit(hits);
    } catch (error) {
      figures.rateCountersAway += 1;
      awayUntil = clock() + outageMs;
      failed(error);
      return local(hits);
    }
  };

  const remember = (hit: RateHit, retryAfterMs: number): void => {
    const now = clock();
    refused.set(hit.key, { until: now + retryAfterMs, forgetAt: now + Math.min(retryAfterMs, rememberMs) });
    const [oldest] = refused.keys();
    if (refused.size > mostRefused && oldest !== undefined) refused.delete(oldest);
  };

  const knownRefusal = (rates: readonly Rate[]): RatesChecked | null => {
    const now = clock();
    for (const rate of rates) {
      const known = refused.get(rate.hit.key);
      if (known === undefined) continue;
      if (known.forgetAt <= now) {
        refused.delete(rate.hit.key);
        continue;
      }
      const left = known.until - now;
      const state = stateOf(rate, { admitted: false, remaining: 0, resetMs: left, retryAfterMs: left });
      return { states: [state], refusal: refusalOf(rate, left) };
    }
    return null;
  };

  return {
    check: async (rates: readonly Rate[]): Promise<RatesChecked> => {
      if (rates.length === 0) return { states: [], refusal: null };
      const known = knownRefusal(rates);
      if (known !== null) {
        figures.rateRefused += 1;
        return known;
      }
      const answers = await count(rates.map(({ hit }) => hit));
      const each = rates.flatMap((rate, index) => {
        const answer = answers[index];
        return answer === undefined ? [] : [{ rate, answer }];
      });
      const over = each.filter(({ answer }) => !answer.admitted);
      // The one that takes longest says when to come again.
      const [worst] = over.toSorted((one, other) => other.answer.retryAfterMs - one.answer.retryAfterMs);
      if (worst === undefined) return { states: each.map(({ rate, answer }) => stateOf(rate, answer)), refusal: null };
      figures.rateRefused += 1;
      for (const { rate, answer } of over) remember(rate.hit, answer.retryAfterMs);
      const counted = each.filter(({ answer }) => answer.admitted).map(({ rate }) => rate.hit);
      // A call that is refused by one rate uses nothing of the others.
      if (clock() >= awayUntil) await counters.giveBack(counted).catch(failed);
      const states = over.map(({ rate, answer }) => stateOf(rate, answer));
      return { states, refusal: refusalOf(worst.rate, worst.answer.retryAfterMs) };
    },
    figures: () => ({ ...figures }),
  };
};
