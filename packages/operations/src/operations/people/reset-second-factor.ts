import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { person, personPrincipal, showPerson } from "../../schemas/person.ts";

export const resetSecondFactor = defineOperation({
  name: "people.reset_second_factor",
  summary: "Take a lost second factor away",
  description:
    "For a person who lost their authenticator and its backup codes: the password alone signs them in again, and all their sessions end. Be sure who asks: whoever has the password needs nothing more afterwards.",
  input: z.object({ principal: personPrincipal }),
  output: person,
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ principal }) => [principal],
  run: async ({ tenants: { people }, note }, { principal }) =>
    showPerson(await people.resetSecondFactor(principal, note)),
});
