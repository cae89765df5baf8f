import { z } from "zod";
import { defineOperation, noUsage } from "../../operation.ts";
import { pageBy } from "../../pages.ts";
import { cursor, nextCursor, wholeOr } from "../../schemas/common.ts";
import { person, showPerson } from "../../schemas/person.ts";

export const listPeople = defineOperation({
  name: "people.list",
  summary: "List the people of the server",
  description: "Everybody who has an account, in the order they came, page by page; or who has this address.",
  input: z.object({
    email: z.string().max(320).nullish().meta({ description: "Only the person of this address." }),
    limit: wholeOr("limit", 1, 200, 50),
    cursor: cursor.nullish(),
  }),
  output: z.object({ people: z.array(person), cursor: nextCursor }),
  permission: "server:manage",
  audit: "read",
  usage: noUsage,
  run: async ({ tenants: { people } }, { email, limit, cursor: after = null }) => {
    if (email !== null && email !== undefined) {
      const found = await people.findByEmail(email);
      return { people: found === null ? [] : [showPerson(found)], cursor: null };
    }
    const page = await pageBy(limit, (most) => people.page({ after, limit: most }));
    return { people: page.items.map(showPerson), cursor: page.cursor };
  },
});
