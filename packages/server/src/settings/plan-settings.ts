/**
 * Settings of plans and rates (`docs/plans.md`): a map of plans in `config.yaml`; in `CAIRN_PLANS` the same as JSON, or
 * the path of a file with it. Without any there is one plan, `self-hosted`, which limits nothing that is kept.
 */
import { readFileSync } from "node:fs";
import { CairnError } from "@cairn/kernel/error";
import { examplePlans, selfHosted } from "@cairn/memory/plan/known-plans";
import type { Plan, Plans } from "@cairn/memory/plan/plan";
import { z } from "zod";
import { text, wholeNumber } from "./setting-types.ts";

/** What a plan may set, under the names of the settings. */
const fields = {
  memories: "memories",
  queries_per_month: "queriesPerMonth",
  embeddings_per_month: "embeddingsPerMonth",
  agents: "agents",
  spaces: "spaces",
  members: "members",
  storage_bytes: "storageBytes",
  rate_per_minute: "ratePerMinute",
  rate_per_minute_key: "ratePerMinuteKey",
  concurrency: "concurrency",
  recall_limit: "recallLimit",
  batch_size: "batchSize",
} as const satisfies Readonly<Record<string, Exclude<keyof Plan, "name">>>;
type Field = keyof typeof fields;

/** Amounts of a plan are written out, as 5000000000 bytes: far below what 64 bits hold when they are multiplied. */
const mostAmount = 1_000_000_000_000_000;
const mostRate = 1_000_000;
const mostPlans = 100;
const namePattern = /^[a-z0-9][a-z0-9-]{0,39}$/u;

const mayBeNone: ReadonlySet<string> = new Set(["agents", "members"]);
const isSmall: ReadonlySet<string> = new Set([
  "rate_per_minute",
  "rate_per_minute_key",
  "concurrency",
  "recall_limit",
  "batch_size",
]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a plan, as the end of a sentence; null: nothing. */
const problemOf = (name: string, given: unknown): string | null => {
  if (!namePattern.test(name))
    return `must name plans with 1 to 40 of a-z, 0-9 and -, unlike ${JSON.stringify(name.slice(0, 60))}`;
  if (given !== null && !isObject(given)) return `must give the plan ${name} limits, such as memories: 1000`;
  for (const [field, value] of Object.entries(given ?? {})) {
    if (!Object.hasOwn(fields, field))
      return `gives the plan ${name} a limit that does not exist, ${JSON.stringify(field.slice(0, 60))}; there are ${Object.keys(fields).join(", ")}`;
    const [least, most] = [mayBeNone.has(field) ? 0 : 1, isSmall.has(field) ? mostRate : mostAmount];
    const isFit = typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
    if (value !== null && !isFit)
      return `must give the plan ${name} ${field} as a whole number from ${least} to ${most}, or leave it out for no limit`;
  }
  return null;
};

const planFrom = (name: string, given: unknown): Plan => {
  const limits = Object.entries(isObject(given) ? given : {}).filter(([, value]) => value !== null);
  return { name, ...Object.fromEntries(limits.map(([field, value]) => [fields[field as Field], value as number])) };
};

const parsed = (source: string): unknown => {
  const given = source.trim();
  if (given === "examples") return given;
  const content = given.startsWith("{") ? given : readFileSync(given, "utf8");
  return JSON.parse(content) as unknown;
};

const plansSetting = z.unknown().transform((given, context): readonly Plan[] => {
  const refuse = (message: string): never => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  let value = given;
  try {
    if (typeof given === "string") value = parsed(given);
  } catch {
    return refuse(
      'must be a map of plans as JSON, such as {"free":{"memories":1000}}, the path of a file with one, or examples',
    );
  }
  if (value === "examples") return examplePlans;
  if (!isObject(value)) return refuse("must be a map of plans, such as free: {memories: 1000}");
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > mostPlans) return refuse(`must have 1 to ${mostPlans} plans`);
  for (const [name, plan] of entries) {
    const problem = problemOf(name, plan);
    if (problem !== null) return refuse(problem);
  }
  return entries.map(([name, plan]) => planFrom(name, plan));
});

export const planShape = {
  plans: plansSetting
    .optional()
    .describe(
      "Plans by name, with what each allows; `examples` for some to begin with. One without limits when absent.",
    ),
  default_plan: text("the name of a plan")
    .optional()
    .describe("The plan of organisations that have no other; the first of `plans` when absent."),
  address_rate_per_minute: wholeNumber(1, mostRate)
    .default(300)
    .describe("Calls in a minute from one address that come without a key or a sign-in."),
} as const;

export const planVariables = {
  plans: "CAIRN_PLANS",
  default_plan: "CAIRN_DEFAULT_PLAN",
  address_rate_per_minute: "CAIRN_ADDRESS_RATE_PER_MINUTE",
} as const;

export interface PlanSettings {
  readonly plans: Plans;
  /** Calls in a minute from one address that has shown nothing. */
  readonly addressRatePerMinute: number;
}

const shape = z.object(planShape);
type Values = z.output<typeof shape>;

/** Throws config.invalid where the default plan is none of the plans. */
export const planSettingsOf = (value: <Key extends keyof Values>(name: Key) => Values[Key]): PlanSettings => {
  const all = value("plans") ?? [selfHosted];
  const name = value("default_plan") ?? all[0]?.name;
  const standard = all.find((plan) => plan.name === name);
  if (standard === undefined) {
    throw new CairnError("config.invalid", `${planVariables.default_plan} names a plan that does not exist.`, {
      hint: `Set default_plan to one of the plans: ${all.map((plan) => plan.name).join(", ")}.`,
    });
  }
  return { plans: { standard, all }, addressRatePerMinute: value("address_rate_per_minute") };
};
