import { examplePlans } from "@cairn/memory/plan/known-plans";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { listPlans } from "./list.ts";

test("TEN-5 everybody may read what the plans allow, and which one is theirs", async () => {
  const plans = { standard: examplePlans[0]!, all: examplePlans };
  const { call, services } = setUpOperations({ plans });
  const listed = await call(listPlans, {});
  expect(listed.plan).toBe("free");
  expect(listed.plans.map(({ name, memories }) => [name, memories])).toEqual([
    ["free", 1_000],
    ["pro", 100_000],
    ["team", 1_000_000],
    ["enterprise", null],
  ]);
  const { organisations } = services.tenants;
  const [home] = await organisations.page({ limit: 1 });
  await organisations.update(home!.id, { plan: "pro" });
  expect((await call(listPlans, {})).plan).toBe("pro");
});

test("TEN-5 a server of one's own has one plan, without limits on what is kept", async () => {
  const { call } = setUpOperations();
  const { plans, plan } = await call(listPlans, {});
  expect([plans.length, plan]).toEqual([1, "self-hosted"]);
  expect(plans[0]).toMatchObject({ memories: null, queriesPerMonth: null, spaces: null });
});
