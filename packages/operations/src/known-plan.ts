import { CairnError } from "@cairn/kernel/error";
import { standardPlans } from "@cairn/memory/plan/known-plans";
import type { CallContext } from "./context.ts";

/** Throws plan.unknown for the name of a plan that the settings do not have. */
export const requirePlan = ({ plans = standardPlans }: Pick<CallContext, "plans">, name: string | null): void => {
  if (name === null || plans.all.some((plan) => plan.name === name)) return;
  throw new CairnError("plan.unknown", "This server has no such plan.", {
    hint: `Its plans are ${plans.all.map((plan) => plan.name).join(", ")}; they are set in its settings.`,
  });
};
