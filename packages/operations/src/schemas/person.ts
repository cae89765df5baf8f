/** People in requests and answers. */
import type { Person } from "@cairn/directory/people/people-directory";
import { toRfc3339 } from "@cairn/kernel/clock";
import { z } from "zod";
import { shownInstant } from "./instant.ts";

const message = "principal must be user:<id>";
export const personPrincipal = z
  .string(message)
  .regex(/^user:[0-9a-f-]{36}$/u, message)
  .meta({ description: "Who: `user:<id>`." });

export const person = z.object({
  id: z.string(),
  principal: z.string().meta({ description: "How spaces, grants and the audit call the person." }),
  email: z.string(),
  name: z.string(),
  verified: z.boolean().meta({ description: "Whether the person has shown that the address is theirs." }),
  twoFactor: z.boolean().meta({ description: "Whether a second factor is asked for at sign-in." }),
  hasPassword: z.boolean().meta({ description: "False for who signs in through a provider alone." }),
  disabledAt: shownInstant("Since when the person may not sign in; null: may.").nullable(),
  createdAt: shownInstant("When the account was made."),
});

export const showPerson = (given: Person): z.output<typeof person> => ({
  id: given.id,
  principal: given.principal,
  email: given.email,
  name: given.name,
  verified: given.verified,
  twoFactor: given.twoFactor,
  hasPassword: given.hasPassword,
  disabledAt: given.disabledAt === null ? null : toRfc3339(given.disabledAt),
  createdAt: toRfc3339(given.createdAt),
});
