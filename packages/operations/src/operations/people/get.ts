import { CairnError } from "@cairn/kernel/error";
import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { person, personPrincipal, showPerson } from "../../schemas/person.ts";

export const getPerson = defineOperation({
  name: "people.get",
  summary: "Read one person",
  description: "An account by its principal.",
  input: z.object({ principal: personPrincipal }),
  output: person,
  permission: "server:manage",
  audit: "read",
  usage: noUsage,
  run: async ({ tenants: { people } }, { principal }) => {
    const found = await people.find(principal);
    if (found === null) throw new CairnError("user.not_found", "There is no such person.");
    return showPerson(found);
  },
});
