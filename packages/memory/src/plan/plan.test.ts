import { describe, expect, test } from "vitest";
import { examplePlans, selfHosted } from "./known-plans.ts";
import {
  liftingPlan,
  limitExceeded,
  limitFields,
  type LimitName,
  monthOf,
  mostOf,
  planNamed,
  type Plans,
} from "./plan.ts";

const plans: Plans = { standard: examplePlans[0]!, all: [...examplePlans].toReversed() };
const [free, pro] = examplePlans as [Plans["standard"], Plans["standard"]];

describe("TEN-5 plans", () => {
  test("are unlimited in what they do not name", () => {
    expect(mostOf(selfHosted, "memories")).toBe(Number.POSITIVE_INFINITY);
    expect(mostOf(free, "memories")).toBe(1_000);
  });

  test("name the one that lifts a limit with the least to spare, whatever their order", () => {
    expect(liftingPlan(plans, "memories", 1_001)).toBe("pro");
    expect(liftingPlan(plans, "memories", 100_001)).toBe("team");
    expect(liftingPlan(plans, "memories", 10_000_000)).toBe("enterprise");
    expect(liftingPlan({ standard: free, all: [free] }, "memories", 1_001)).toBeNull();
  });

  test("of the examples allow at least what the one before allows", () => {
    for (const [index, plan] of examplePlans.slice(1).entries()) {
      for (const name of Object.keys(limitFields) as readonly LimitName[])
        expect(mostOf(plan, name)).toBeGreaterThanOrEqual(mostOf(examplePlans[index]!, name));
    }
  });

  test("that are gone from the settings leave an organisation the standard one", () => {
    expect(planNamed(plans, "pro")).toBe(pro);
    expect(planNamed(plans, "gold")).toBe(free);
    expect(planNamed(plans, null)).toBe(free);
  });

  test("say in a refusal the limit, the usage and the plan that lifts it", () => {
    const error = limitExceeded(plans, free, { name: "memories", used: 990, asked: 25 });
    expect(error).toMatchObject({
      code: "limit.exceeded",
      status: 403,
      message: "The plan free allows 1,000 memories; 990 are used, and this may take 25 more.",
      data: {
        limit: { name: "memories", used: 990, most: 1_000, plan: "free", liftedBy: "pro" },
        hint: "The plan pro allows it: an administrator of the server can give it to the organisation.",
      },
    });
    expect(limitExceeded(plans, free, { name: "recall_limit", used: 0, asked: 20 }).message).toBe(
      "The plan free allows 10 results of a recall; this asks for 20.",
    );
    expect(limitExceeded(plans, free, { name: "storage_bytes", used: 100_000_000, asked: 0 }).data.limit).toMatchObject(
      {
        liftedBy: "pro",
      },
    );
    expect(
      limitExceeded({ standard: free, all: [free] }, free, { name: "spaces", used: 2, asked: 1 }).data,
    ).toMatchObject({
      limit: { liftedBy: null },
      hint: "No plan of this server allows more.",
    });
  });

  test("count by the calendar month in UTC", () => {
    expect(monthOf(Date.parse("2026-03-31T23:59:59.999Z"))).toBe("2026-03");
    expect(monthOf(Date.parse("2026-04-01T00:00:00Z"))).toBe("2026-04");
  });
});
