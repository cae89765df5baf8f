import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { person, personPrincipal, showPerson } from "../../schemas/person.ts";

export const disablePerson = defineOperation({
  name: "people.disable",
  summary: "Keep a person from signing in",
  description:
    "Ends all sessions of the person at once, and nobody signs in as them until they are enabled. Keys that act for them stop working until then, too. Memberships stay.",
  input: z.object({ principal: personPrincipal }),
  output: person,
  permission: "server:manage",
  audit: "administrate",
  usage: noUsage,
  subjects: ({ principal }) => [principal],
  run: async ({ tenants: { people }, caller, note }, { principal }) => {
    if (caller.identity.principal === principal) {
      throw new CairnError("auth.forbidden", "Nobody disables themselves; another administrator can.");
    }
    return showPerson(await people.disable(principal, note));
  },
});
