import { setUpOperations } from "@cairn/testing/setup-operations";
import { remember } from "@cairn/operations/operations/memories/remember";
import { tuning } from "@cairn/memory/recall/tuning";
import { expect, test } from "vitest";
import { checkFirstPass } from "./check-first-pass.ts";

test("ENG-7 doctor tells of a large space what its estimates lose, and nothing of a small one", async () => {
  const { services, call } = setUpOperations();
  const space = await services.directory.resolve("default");
  for (const content of ["green tea in the morning", "a bicycle with a flat tyre", "the train to Lisbon"])
    await call(remember, { content });
  const look = (memories: number) => checkFirstPass("space default", space!.id, services, memories);
  expect(await look(tuning.sketchFrom - 1)).toEqual([]);
  const [finding, ...more] = await look(tuning.sketchFrom);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ level: "ok", check: "space default", fix: null });
  expect(finding?.message).toMatch(/keeps 100\.0 % of the best ten, 100\.0 % by meaning alone \(3 questions\)/u);
});
