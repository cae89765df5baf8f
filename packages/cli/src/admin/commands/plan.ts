import { escapeLine } from "../../output/escape-text.ts";
import { adminCommand, orgOption, say, showTable, type Verb } from "../shell.ts";

const counted = new Intl.NumberFormat("en");
const amount = (most: number | null): string => (most === null ? "-" : counted.format(most));

const list: Verb = async (shell) => {
  const { listPlans } = await import("@cairn/operations/operations/plans/list");
  const answer = await shell.call(listPlans, {});
  const rows = answer.plans.map((plan) => [
    plan.name === answer.plan ? `${plan.name} *` : plan.name,
    amount(plan.memories),
    amount(plan.spaces),
    amount(plan.members),
    amount(plan.agents),
    amount(plan.queriesPerMonth),
    amount(plan.ratePerMinute),
  ]);
  return showTable(
    shell,
    answer,
    ["plan", "memories", "spaces", "members", "agents", "queries/month", "calls/min"],
    rows,
  );
};

const set: Verb = async (shell, [org = "", plan = ""]) => {
  const { updateOrganisation } = await import("@cairn/operations/operations/organisations/update");
  const changed = await shell.call(updateOrganisation, { id: org, plan: plan === "default" ? null : plan });
  return say(shell, changed, `${escapeLine(changed.name)} has the plan ${escapeLine(changed.plan ?? "default")} now`);
};

export const plan = adminCommand({
  name: "plan",
  summary: "See the plans, and give an organisation one",
  verbs: {
    list: { usage: "[--org ORG]", run: list },
    set: { usage: "<org> <plan>", words: ["organisation", "plan"], run: set },
  },
  options: [orgOption],
  notes: [
    "A dash means unlimited; the star marks the organisation's own. `default` takes the server's default plan. Plans are",
    "settings: docs/plans.md",
  ],
});
