import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { person, personPrincipal, showPerson } from "../../schemas/person.ts";

export const enablePerson = defineOperation({
  name: "people.enable",
  summary: "Let a person sign in again",
  description: "Takes back what `people.disable` did; sessions that it ended stay ended.",
  input: z.object({ principal: personPrincipal }),
  output: person,
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ principal }) => [principal],
  run: async ({ tenants: { people }, note }, { principal }) => showPerson(await people.enable(principal, note)),
});
