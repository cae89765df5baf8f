/**
 * What a plan is: how much an organisation may keep, ask for in a month, and do at once. What a plan does not name is
 * unlimited. Plans are configuration (`docs/plans.md`); these are the rules that all of them share.
 */
import { CairnError, type LimitData } from "@cairn/kernel/error";

/** All whole numbers from 1 (from 0 where something may be kept off); absent: unlimited. */
export interface Plan {
  readonly name: string;
  /** Current memories in all spaces of the organisation. */
  readonly memories?: number;
  readonly spaces?: number;
  /** People, and open invitations. */
  readonly members?: number;
  /** Keys that are bound to an agent instance. */
  readonly agents?: number;
  /** Of all spaces together, as they lie on disk. */
  readonly storageBytes?: number;
  /** In a calendar month, UTC. */
  readonly queriesPerMonth?: number;
  readonly embeddingsPerMonth?: number;
  /** Calls of the organisation, and of each of its keys. */
  readonly ratePerMinute?: number;
  readonly ratePerMinuteKey?: number;
  /** Calls that one server works on at once. */
  readonly concurrency?: number;
  /** Results of one recall. */
  readonly recallLimit?: number;
  /** Memories in one call. */
  readonly batchSize?: number;
}

/** What can be too much in a call, by the name that clients see, and where a plan says how much is allowed. */
export const limitFields = {
  memories: "memories",
  spaces: "spaces",
  members: "members",
  agents: "agents",
  storage_bytes: "storageBytes",
  queries: "queriesPerMonth",
  embeddings: "embeddingsPerMonth",
  recall_limit: "recallLimit",
  batch_size: "batchSize",
} as const satisfies Readonly<Record<string, Exclude<keyof Plan, "name">>>;
export type LimitName = keyof typeof limitFields;

/** Levels: what is there at this moment. */
export const levelNames = ["memories", "spaces", "members", "agents", "storage_bytes"] as const;
export type LevelName = (typeof levelNames)[number];
/** Counted from zero each month. */
export const monthlyNames = ["queries", "embeddings"] as const;
export type MonthlyName = (typeof monthlyNames)[number];

export const isLevel = (name: string): name is LevelName => (levelNames as readonly string[]).includes(name);

/** Infinity: unlimited. */
export const mostOf = (plan: Plan, name: LimitName): number => plan[limitFields[name]] ?? Number.POSITIVE_INFINITY;

export interface Plans {
  /** Of organisations that name none. */
  readonly standard: Plan;
  /** In the order of the settings; `standard` is among them. */
  readonly all: readonly Plan[];
}

/**
 * The plan of that name. A plan that was taken out of the settings, and is still named by an organisation, is the
 * standard one: nobody is locked out by a change of the settings, and nobody gets what no plan allows.
 */
export const planNamed = ({ standard, all }: Plans, name: string | null): Plan =>
  all.find((plan) => plan.name === name) ?? standard;

/** The plan that allows `needed` with the least to spare, the first of equals; null where none does. */
export const liftingPlan = ({ all }: Plans, name: LimitName, needed: number): string | null => {
  const enough = all.filter((plan) => mostOf(plan, name) >= needed);
  const least = Math.min(...enough.map((plan) => mostOf(plan, name)));
  return enough.find((plan) => mostOf(plan, name) === least)?.name ?? null;
};

/** `2026-03`, in UTC: the period of what is counted by the month. */
export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);

const words: Readonly<Record<LimitName, string>> = {
  memories: "memories",
  spaces: "spaces",
  members: "members and open invitations",
  agents: "agents (keys with an instance)",
  storage_bytes: "bytes of storage",
  queries: "queries a month",
  embeddings: "embeddings a month",
  recall_limit: "results of a recall",
  batch_size: "memories in one call",
};

const counted = new Intl.NumberFormat("en");
const isOfOneCall = (name: LimitName): boolean => name === "recall_limit" || name === "batch_size";

export interface Excess {
  readonly name: LimitName;
  readonly used: number;
  /** What the call would add at most. */
  readonly asked: number;
}

/** limit.exceeded in words: the limit, the usage, and the plan that lifts it (TEN-5). */
export const limitExceeded = (plans: Plans, plan: Plan, { name, used, asked }: Excess): CairnError => {
  const most = mostOf(plan, name);
  const liftedBy = liftingPlan(plans, name, Math.max(used + asked, most + 1));
  const limit: LimitData = { name, used, most, plan: plan.name, liftedBy };
  const allowed = `The plan ${plan.name} allows ${counted.format(most)} ${words[name]}`;
  const now = isOfOneCall(name)
    ? `this asks for ${counted.format(asked)}`
    : `${counted.format(used)} are used${asked > 0 ? `, and this may take ${counted.format(asked)} more` : ""}`;
  const next =
    liftedBy === null
      ? "No plan of this server allows more."
      : `The plan ${liftedBy} allows it: an administrator of the server can give it to the organisation.`;
  return new CairnError("limit.exceeded", `${allowed}; ${now}.`, { limit, hint: next });
};
