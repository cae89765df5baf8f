/** Members and invitations in requests and answers. */
import type { Invitation, Member } from "@cairn/directory/organisations/organisation-directory";
import { emailKey, isMemberPrincipal } from "@cairn/directory/organisations/organisation-text";
import { toRfc3339 } from "@cairn/kernel/clock";
import { roles } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { shownInstant } from "./instant.ts";

export const role = z.enum(roles, "role must be admin, editor or viewer");

const principalMessage = "principal must be user:<id> or external:<provider>:<subject>";
export const memberPrincipal = z
  .string(principalMessage)
  .refine(isMemberPrincipal, principalMessage)
  .meta({ description: "Who: `user:<id>`, or `external:<provider>:<subject>`." });

export const member = z.object({
  principal: z.string(),
  role,
  name: z.string().nullable().meta({ description: "Null where this server keeps no account of the member." }),
  email: z.string().nullable(),
  createdAt: shownInstant("When they joined."),
  createdBy: z.string().meta({ description: "The principal that took them in." }),
});

export const showMember = (
  given: Member,
  person: { readonly name: string; readonly email: string } | null,
): z.output<typeof member> => ({
  principal: given.principal,
  role: given.role,
  name: person?.name ?? null,
  email: person?.email ?? null,
  createdAt: toRfc3339(given.createdAt),
  createdBy: given.createdBy,
});

const emailMessage = "email must be an address such as anna@example.com";
export const invitedEmail = z
  .string(emailMessage)
  .refine((given) => emailKey(given) !== null, emailMessage)
  .meta({ maxLength: 254, description: "Where the invitation goes; whoever accepts it must have this address." });

export const invitation = z.object({
  id: z.string(),
  email: z.string(),
  role,
  state: z.enum(["open", "accepted", "revoked", "expired"]),
  createdAt: shownInstant("When it was made."),
  createdBy: z.string(),
  expiresAt: shownInstant("Until when it can be accepted."),
});

export const showInvitation = (given: Invitation): z.output<typeof invitation> => ({
  id: given.id,
  email: given.email,
  role: given.role,
  state: given.state,
  createdAt: toRfc3339(given.createdAt),
  createdBy: given.createdBy,
  expiresAt: toRfc3339(given.expiresAt),
});
