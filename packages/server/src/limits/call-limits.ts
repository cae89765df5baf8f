/**
 * The limits of calls as the pipeline asks for them (`@cairn/operations/limits`): rates first, then a turn, then what the
 * plan allows, all before any work. Whoever has the machine (`local`) has no limits; whoever has shown nothing is counted
 * by address.
 */
import { availableParallelism } from "node:os";
import type { LimitCounters } from "@cairn/directory/limits/limit-counters";
import type { Clock } from "@cairn/kernel/clock";
import { planNamed, type Plan, type Plans } from "@cairn/memory/plan/plan";
import type { Caller, Figures } from "@cairn/operations/context";
import { type Admission, type CallLimits, unlimited } from "@cairn/operations/limits";
import type { Expected, Operation } from "@cairn/operations/operation";
import { addressBlock } from "./address.ts";
import { makeAllowance, type Payer } from "./allowance.ts";
import { makeFailures, type SignInFailures } from "./failures.ts";
import { type Look, makeLevels } from "./levels.ts";
import { makeRates, type Rate } from "./rates.ts";
import { makeTurns, type TurnsOptions } from "./turns.ts";
import { workOf } from "./work-of.ts";

export interface CallLimitsOptions {
  /** Closed with the limits. */
  readonly counters: LimitCounters;
  readonly plans: Plans;
  /** The plan that an organisation names; null: the standard one. Remembered by whoever answers. */
  readonly planOf: (organisation: string) => Promise<string | null>;
  readonly look: Look;
  readonly clock: Clock;
  /** Calls in a minute of an address that has shown nothing. */
  readonly addressRatePerMinute: number;
  readonly turns?: Partial<TurnsOptions>;
  /** Told of what went wrong beside a call: counters that cannot be reached, what could not be settled. */
  readonly failed: (error: unknown) => void;
}

export interface OpenCallLimits extends CallLimits {
  readonly failures: SignInFailures;
  /** Looks how much the organisation really has of what its plan limits; for a job. */
  readonly reconcile: (organisation: string) => Promise<void>;
  readonly figures: () => Figures;
  readonly close: () => Promise<void>;
}

const minute = 60_000;

/**
 * Heavy work leaves this thread to light calls between its slices (`@cairn/operations/courtesy`), and a thread of the
 * storage to those of others. One organisation's batches take half of the cores at most: on two cores, a second batch of
 * the same one would only make others wait (`npm run bench -- noise`).
 */
const cores = availableParallelism();
const usualTurns: TurnsOptions = {
  together: { light: 256, medium: 64, heavy: Math.max(3, cores) },
  togetherEach: { light: 256, medium: 32, heavy: Math.max(1, Math.floor(cores / 2)) },
  mostWaiting: { light: 256, medium: 128, heavy: 32 },
  waitMs: 30_000,
};

const ratesOf = ({ identity, address }: Caller, plan: Plan, perMinute: number): readonly Rate[] => {
  const rate = (name: string, id: string, most: number | undefined): readonly Rate[] =>
    most === undefined ? [] : [{ name, hit: { key: `${name} ${id}`, most, windowMs: minute } }];
  if (identity.credential === "none") return rate("address", addressBlock(address ?? ""), perMinute);
  const own = rate("key", identity.key ?? identity.principal, plan.ratePerMinuteKey);
  return identity.organisation === null ? own : [...rate("tenant", identity.organisation, plan.ratePerMinute), ...own];
};

/** Probes are asked by machines that watch the server, and cost nothing. */
const isProbe = ({ permission, audit }: Operation): boolean => permission === "public" && audit === "none";

const neverMind: Admission = { expect: async () => undefined, end: async () => undefined };

export const openCallLimits = ({
  counters,
  plans,
  planOf,
  look,
  clock,
  addressRatePerMinute,
  turns: turnsOptions = {},
  failed,
}: CallLimitsOptions): OpenCallLimits => {
  const rates = makeRates({ counters, clock, failed });
  const turns = makeTurns({ ...usualTurns, ...turnsOptions });
  const levels = makeLevels({ counters, look, clock });
  const allowance = makeAllowance({ counters, levels, plans, clock });
  let planRefused = 0;
  let unsettled = 0;

  const planFor = async (organisation: string | null): Promise<Plan> =>
    organisation === null ? plans.standard : planNamed(plans, await planOf(organisation));

  const admission = (
    caller: Caller,
    operation: Operation,
    plan: Plan,
  ): Admission & { readonly enter: () => Promise<void> } => {
    const { organisation, principal, credential } = caller.identity;
    const tenant =
      organisation ?? (credential === "none" ? `address ${addressBlock(caller.address ?? "")}` : principal);
    const payer: Payer | null = organisation === null ? null : { organisation, plan, operation };
    let leave: (() => void) | null = null;
    let reserved: Awaited<ReturnType<typeof allowance.reserve>> = [];
    const enter = async (expected: Expected): Promise<void> => {
      const most = plan.concurrency ?? Number.POSITIVE_INFINITY;
      leave = await turns.enter({ tenant, most, ...workOf(operation, expected) });
    };
    return {
      enter: () => enter({}),
      expect: async (expected) => {
        try {
          if (payer !== null) reserved = await allowance.reserve(payer, expected);
        } catch (error) {
          planRefused += 1;
          throw error;
        }
        await enter(expected);
      },
      end: async (usage) => {
        leave?.();
        if (payer === null) return;
        try {
          await allowance.settle(payer, reserved, usage);
        } catch (error) {
          // A level is made right by the next look; a month keeps what was reserved.
          unsettled += 1;
          failed(error);
        }
      },
    };
  };

  return {
    admit: async (caller, operation) => {
      if (caller.identity.principal === "local") return unlimited.admit(caller, operation);
      if (isProbe(operation)) return neverMind;
      const plan = await planFor(caller.identity.organisation);
      const { states, refusal } = await rates.check(ratesOf(caller, plan, addressRatePerMinute));
      if (states.length > 0) caller.seesRates?.(states);
      if (refusal !== null) throw refusal;
      const { enter, ...admitted } = admission(caller, operation, plan);
      // What says how much it can come to takes its turn when that is known.
      if (operation.expects === undefined) await enter();
      return admitted;
    },
    failures: makeFailures({ counters, clock }),
    reconcile: async (organisation) => {
      const plan = await planFor(organisation);
      if (plan.memories === undefined && plan.storageBytes === undefined) return;
      await levels.survey(organisation, "memories", false);
    },
    figures: () => ({ ...rates.figures(), ...turns.figures(), planRefused, unsettled }),
    close: () => counters.close(),
  };
};
