/** What a principal is in an organisation, at this moment: the part of an identity that can be taken away at any time. */
import { CairnError } from "@cairn/kernel/error";
import { homeOrganisation, type Identity } from "@cairn/memory/permission/identity";
import type { Role } from "@cairn/memory/permission/permission";
import type { OrganisationDirectory } from "./organisations/organisation-directory.ts";

export type Standing = Pick<Identity, "organisation" | "role" | "administrator">;

const standing = (organisation: string, role: Role): Standing => ({
  organisation,
  role,
  administrator: organisation === homeOrganisation && role === "admin",
});

/** Null where there is no such organisation. Throws organisation.suspended. */
const active = async ({ find }: Pick<OrganisationDirectory, "find">, id: string): Promise<boolean> => {
  const organisation = await find(id);
  if (organisation?.status === "suspended") {
    throw new CairnError("organisation.suspended", "The organisation is suspended; everything in it is kept.", {
      hint: "Its administrator can ask the administrator of the server.",
    });
  }
  return organisation !== null;
};

/** Null where the principal is no member. Throws organisation.suspended. */
export const standingOf = async (
  organisations: Pick<OrganisationDirectory, "find" | "roleOf">,
  organisation: string,
  principal: string,
): Promise<Standing | null> => {
  const role = await organisations.roleOf(organisation, principal);
  return role !== null && (await active(organisations, organisation)) ? standing(organisation, role) : null;
};

/** Of a principal whose role comes with its credential: a key without an owner, a customer's own sign-in. */
export const standingWithRole = async (
  organisations: Pick<OrganisationDirectory, "find">,
  organisation: string,
  role: Role,
): Promise<Standing | null> => ((await active(organisations, organisation)) ? standing(organisation, role) : null);
