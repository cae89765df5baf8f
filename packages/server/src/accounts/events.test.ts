import { homeOrganisation } from "@cairn/memory/permission/identity";
import { expect, test } from "vitest";
import { type AccountEvent, tellOrganisations } from "./events.ts";

const told = {
  operation: "sign-in.password",
  principal: "user:anna",
  outcome: "ok",
  code: null,
  address: "192.0.2.1",
  requestId: "request-1",
} as const;

const membership = (organisation: string) => ({
  id: organisation,
  organisation,
  principal: "user:anna",
  role: "viewer" as const,
  createdAt: 0,
  createdBy: "local",
});

test("TEN-8 what a person does is told to each of its organisations, and of nobody's people to the home organisation", async () => {
  const events: AccountEvent[] = [];
  const belongs: Record<string, readonly string[]> = { "user:anna": ["one", "two"], "user:nina": [] };
  const organisations = {
    membershipsOf: async (principal: string) => (belongs[principal] ?? []).map(membership),
  };
  const tell = (principal: string) =>
    tellOrganisations(organisations, (event) => void events.push(event), { ...told, principal });
  await tell("user:anna");
  expect(events).toEqual([
    { ...told, organisation: "one" },
    { ...told, organisation: "two" },
  ]);
  events.length = 0;
  await tell("user:nina");
  await tell("anonymous");
  expect(events.map(({ organisation, principal }) => [organisation, principal])).toEqual([
    [homeOrganisation, "user:nina"],
    [homeOrganisation, "anonymous"],
  ]);
});
