/**
 * What a plan allows (TEN-5): before a call does anything, the most that it can come to is reserved, all of it or
 * nothing; when it has ended, what it really came to stands. Only what the plan limits is asked about, in one question.
 */
import type { LimitCounters, Need, NeedOutcome, Settlement } from "@cairn/directory/limits/limit-counters";
import type { Clock } from "@cairn/kernel/clock";
import {
  isLevel,
  type LevelName,
  limitExceeded,
  levelNames,
  monthlyNames,
  type MonthlyName,
  monthOf,
  mostOf,
  type Plan,
  type Plans,
} from "@cairn/memory/plan/plan";
import type { Expected, Operation, Usage } from "@cairn/operations/operation";
import { knownForMs, type Levels } from "./levels.ts";

export interface Payer {
  readonly organisation: string;
  readonly plan: Plan;
  readonly operation: Pick<Operation, "permission">;
}

export interface AllowanceOptions {
  readonly counters: Pick<LimitCounters, "reserve" | "settle">;
  readonly levels: Pick<Levels, "survey" | "checkRefusal">;
  readonly plans: Plans;
  readonly clock: Clock;
}

type Reserved = readonly Need[];

/** What a call counts under each name that is summed up. */
const amountOf = (given: Expected, name: LevelName | MonthlyName): number =>
  name === "storage_bytes" ? 0 : (given[name] ?? 0);

/** What stays reserved when the call has come to something: operations do not say it again. */
const isKept = (name: Need["name"]): boolean => name === "spaces" || name === "members" || name === "agents";

export const makeAllowance = ({ counters, levels, plans, clock }: AllowanceOptions) => {
  const needsOf = ({ organisation, plan, operation }: Payer, expected: Expected): Reserved => {
    const need = (name: LevelName | MonthlyName): readonly Need[] => {
      const most = mostOf(plan, name);
      const amount = amountOf(expected, name);
      const isAsked = name === "storage_bytes" ? operation.permission === "memories:write" : amount > 0;
      if (!isAsked || !Number.isFinite(most)) return [];
      return isLevel(name)
        ? [{ organisation, name, period: "", amount, most, knownForMs: knownForMs(name) }]
        : [{ organisation, name, period: monthOf(clock()), amount, most, knownForMs: null }];
    };
    return [...levelNames, ...monthlyNames].flatMap(need);
  };

  /** Throws limit.exceeded for what is too much in one call, whatever is used already. */
  const checkSize = ({ plan }: Payer, expected: Expected): void => {
    const asks = { batch_size: expected.memories ?? 0, recall_limit: expected.results ?? 0 };
    for (const name of ["batch_size", "recall_limit"] as const) {
      if (asks[name] > mostOf(plan, name)) throw limitExceeded(plans, plan, { name, used: 0, asked: asks[name] });
    }
  };

  /** Looks at levels that nobody knows, and once more at those that refuse: memories may have gone meanwhile. */
  const lookAgain = async ({ organisation }: Payer, outcomes: readonly NeedOutcome[]): Promise<boolean> => {
    let looked = false;
    for (const { need, state } of outcomes) {
      if (state === "granted" || !isLevel(need.name)) continue;
      if (state === "unknown") await levels.survey(organisation, need.name, true);
      looked = state === "unknown" || (await levels.checkRefusal(organisation, need.name)) || looked;
    }
    return looked;
  };

  return {
    /** Throws limit.exceeded, naming the limit, and storage.* where that cannot be told. */
    reserve: async (payer: Payer, expected: Expected): Promise<Reserved> => {
      checkSize(payer, expected);
      const needs = needsOf(payer, expected);
      if (needs.length === 0) return [];
      let outcomes = await counters.reserve(needs);
      if (outcomes.some(({ state }) => state !== "granted") && (await lookAgain(payer, outcomes)))
        outcomes = await counters.reserve(needs);
      const refused = outcomes.find(({ state }) => state !== "granted");
      if (refused === undefined) return needs;
      const { name, amount, most } = refused.need;
      const used = refused.state === "refused" ? refused.used : most;
      throw limitExceeded(plans, payer.plan, { name, used, asked: amount });
    },

    /** `usage` null: the call came to nothing. */
    settle: async ({ organisation, plan }: Payer, reserved: Reserved, usage: Usage | null): Promise<void> => {
      const cameTo = usage ?? {};
      const settled = reserved.flatMap((need): readonly Settlement[] => {
        const { name, amount } = need;
        if (name === "storage_bytes") return [];
        const actual = isKept(name) ? (usage === null ? 0 : amount) : amountOf(cameTo, name);
        // What is counted by the month needs no word that all went as expected.
        return !isLevel(name) && actual === amount ? [] : [{ ...need, reserved: amount, actual }];
      });
      const unforeseen = (["memories", ...monthlyNames] as const).flatMap((name): readonly Settlement[] => {
        const actual = amountOf(cameTo, name);
        if (actual === 0 || !Number.isFinite(mostOf(plan, name)) || reserved.some((need) => need.name === name))
          return [];
        const period = isLevel(name) ? "" : monthOf(clock());
        return [{ organisation, name, period, reserved: 0, actual }];
      });
      const all = [...settled, ...unforeseen];
      if (all.length > 0) await counters.settle(all);
    },
  };
};
