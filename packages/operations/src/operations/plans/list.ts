import { standardPlans } from "@cairn/memory/plan/known-plans";
import { type Plan, planNamed } from "@cairn/memory/plan/plan";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";

const limit = (description: string) =>
  z
    .int()
    .nullable()
    .meta({ description: `${description}; null: unlimited.` });

const shownPlan = z.object({
  name: z.string(),
  memories: limit("Memories in all spaces"),
  spaces: limit("Spaces"),
  members: limit("People and open invitations"),
  agents: limit("Keys that are bound to an agent instance"),
  storageBytes: limit("Bytes on disk"),
  queriesPerMonth: limit("Recalls and searches in a calendar month, UTC"),
  embeddingsPerMonth: limit("Texts turned into vectors in a calendar month, UTC"),
  ratePerMinute: limit("Calls of the organisation in a minute"),
  ratePerMinuteKey: limit("Calls of one key in a minute"),
  concurrency: limit("Calls that a server works on at once"),
  recallLimit: limit("Results of one recall"),
  batchSize: limit("Memories in one call"),
});

const showPlan = (plan: Plan): z.output<typeof shownPlan> => ({
  name: plan.name,
  memories: plan.memories ?? null,
  spaces: plan.spaces ?? null,
  members: plan.members ?? null,
  agents: plan.agents ?? null,
  storageBytes: plan.storageBytes ?? null,
  queriesPerMonth: plan.queriesPerMonth ?? null,
  embeddingsPerMonth: plan.embeddingsPerMonth ?? null,
  ratePerMinute: plan.ratePerMinute ?? null,
  ratePerMinuteKey: plan.ratePerMinuteKey ?? null,
  concurrency: plan.concurrency ?? null,
  recallLimit: plan.recallLimit ?? null,
  batchSize: plan.batchSize ?? null,
});

export const listPlans = defineOperation({
  name: "plans.list",
  summary: "List the plans",
  description: "What each plan of this server allows, and which one your organisation has.",
  input: z.object({}),
  output: z.object({
    plans: z.array(shownPlan),
    plan: z.string().meta({ description: "The name of your organisation's plan." }),
  }),
  permission: "usage:read",
  audit: "read",
  usage: noUsage,
  run: async ({ plans = standardPlans, tenants, organisation }) => {
    const own = await tenants.organisations.find(organisation);
    return { plans: plans.all.map(showPlan), plan: planNamed(plans, own?.plan ?? null).name };
  },
});
