import { CairnError } from "@cairn/kernel/error";

/** The same words whether it never existed, was removed, or is somebody else's. */
export const unknownOrganisation = (): CairnError =>
  new CairnError("organisation.not_found", "There is no such organisation, or it is not yours.", {
    hint: "List your organisations with GET /v1/organisations.",
  });

export const unknownMember = (): CairnError =>
  new CairnError("member.not_found", "The organisation has no such member.", {
    hint: "List its members with GET /v1/members.",
  });

export const lastAdmin = (): CairnError =>
  new CairnError("member.last_admin", "The organisation would be left without an admin.", {
    hint: "Make another member admin first.",
  });

export const unknownInvitation = (): CairnError =>
  new CairnError("invitation.not_found", "There is no such invitation, or it is not good any more.", {
    hint: "Ask an admin of the organisation for a new one.",
  });

export const unknownGrant = (): CairnError =>
  new CairnError("grant.not_found", "There is no such grant on this space.", {
    hint: "List its grants with GET /v1/spaces/{space}/grants.",
  });
