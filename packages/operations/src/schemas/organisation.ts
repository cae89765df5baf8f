/** Organisations in requests and answers. */
import { organisationStatuses, type Organisation } from "@cairn/directory/organisations/organisation-directory";
import { toRfc3339 } from "@cairn/kernel/clock";
import type { Role } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { role } from "./member.ts";
import { shownInstant } from "./instant.ts";
import { text } from "./text.ts";

export const organisationReference = text({
  name: "id",
  max: 100,
  trim: true,
  describe: "An organisation's id or slug.",
});

/** For whoever administrates the server; everyone else stays in their own. */
export const inOrganisation = {
  organisation: text({ name: "organisation", max: 100, trim: true }).nullish().meta({
    description: "The organisation's id or slug; absent: yours. Others are for administrators of the server.",
  }),
} as const;

export const organisationName = text({ name: "name", max: 100, trim: true, describe: "What people call it." });

const slugMessage = "slug must be 1 to 40 of a-z, 0-9 and -, and begin and end with a letter or digit";
export const organisationSlug = z
  .string(slugMessage)
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/u, slugMessage)
  .meta({ description: "Names it in addresses and settings; unique on this server." });

export const organisationPlan = text({ name: "plan", max: 64, trim: true }).meta({
  description: "The name of a plan of the server's settings; null: the server's default one.",
});

export const organisationStatus = z.enum(organisationStatuses, "status must be active or suspended").meta({
  description: "A suspended organisation keeps everything, and none of its calls are answered.",
});

export const organisation = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  plan: z.string().nullable(),
  status: organisationStatus,
  defaultSpace: z.string().meta({ description: "The id of the space of calls that name none." }),
  role: role.nullable().meta({ description: "Yours in it; null where you do not belong to it." }),
  createdAt: shownInstant("When it was made."),
  updatedAt: shownInstant("When it last changed."),
});

export const showOrganisation = (given: Organisation, yours: Role | null): z.output<typeof organisation> => ({
  id: given.id,
  name: given.name,
  slug: given.slug,
  plan: given.plan,
  status: given.status,
  defaultSpace: given.defaultSpace,
  role: yours,
  createdAt: toRfc3339(given.createdAt),
  updatedAt: toRfc3339(given.updatedAt),
});
