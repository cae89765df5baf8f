/** Limit counters over any database that Kysely speaks: what both adapters do alike. */
import type * as CounterQueries from "./counter-queries.ts";
import type { CountersAccess, CountedRate } from "./counter-queries.ts";
import type { LimitCounters, Need, NeedOutcome, RateHit } from "./limit-counters.ts";
import { answerOf, hasRoom, type RateAnswer, type RateRow, rolled } from "./rate-window.ts";

export interface CountersWork {
  readonly access: CountersAccess;
  readonly queries: typeof CounterQueries;
}

export type RunCounters = <Result>(work: (counters: CountersWork) => Promise<Result>) => Promise<Result>;

const rowOf = ({ number, count, previous }: CountedRate): RateRow | null =>
  number === null ? null : { number, count, previous };

const answers = (
  hits: readonly RateHit[],
  rows: readonly CountedRate[],
  keyOf: (hit: RateHit) => string,
  counted: boolean,
): readonly RateAnswer[] => {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return hits.map((hit) => {
    const found = byKey.get(keyOf(hit));
    if (found === undefined) throw new Error("The database did not answer for a rate.");
    const { most, windowMs } = hit;
    const row = rolled(rowOf(found), windowMs, found.at);
    const admitted = counted ? found.admitted === 1 : hasRoom(row, most, windowMs, found.at);
    return answerOf(row, most, windowMs, found.at, admitted);
  });
};

export const countersOver = (run: RunCounters): Omit<LimitCounters, "close"> => {
  const settle: LimitCounters["settle"] = async (settlements) => {
    if (settlements.length > 0) await run(({ access, queries }) => queries.settleUsage(access, settlements));
  };
  return {
    hit: async (hits) =>
      hits.length === 0
        ? []
        : run(async ({ access, queries }) =>
            answers(hits, await queries.countRates(access, hits), queries.rateKey, true),
          ),
    look: async (hits) =>
      hits.length === 0
        ? []
        : run(async ({ access, queries }) =>
            answers(hits, await queries.readRates(access, hits), queries.rateKey, false),
          ),
    giveBack: async (hits) => {
      if (hits.length > 0) await run(({ access, queries }) => queries.giveBackRates(access, hits));
    },
    reserve: async (needs) => {
      if (needs.length === 0) return [];
      const rows = await run(({ access, queries }) => queries.reserveUsage(access, needs));
      const outcomes = needs.map((need): NeedOutcome => {
        const row = rows.find(({ name, period }) => name === need.name && period === need.period);
        if (row === undefined) throw new Error("The database did not answer for a limit.");
        if (row.granted === 1) return { need, state: "granted" };
        return row.known === 1 ? { need, state: "refused", used: row.used } : { need, state: "unknown" };
      });
      const granted = outcomes.filter(({ state }) => state === "granted").map(({ need }): Need => need);
      if (granted.length < needs.length)
        await settle(granted.map((need) => ({ ...need, reserved: need.amount, actual: 0 })));
      return outcomes;
    },
    settle,
    standing: (counted) => run(({ access, queries }) => queries.readStanding(access, counted)),
    survey: (counted, found, seen, force = false) =>
      run(({ access, queries }) => queries.writeSurvey(access, counted, found, seen, force)),
    usedBy: (organisation, period) => run(({ access, queries }) => queries.readUsage(access, organisation, period)),
    prune: (before) => run(({ access, queries }) => queries.pruneCounters(access, before)),
  };
};
