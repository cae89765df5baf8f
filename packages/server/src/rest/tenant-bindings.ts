/** Routes of organisations, members, invitations and grants (TEN-1, COL-1, COL-2). */
import { listGrants } from "@cairn/operations/operations/grants/list";
import { removeGrant } from "@cairn/operations/operations/grants/remove";
import { setGrant } from "@cairn/operations/operations/grants/set";
import { acceptInvitation } from "@cairn/operations/operations/invitations/accept";
import { createInvitation } from "@cairn/operations/operations/invitations/create";
import { listInvitations } from "@cairn/operations/operations/invitations/list";
import { revokeInvitation } from "@cairn/operations/operations/invitations/revoke";
import { addMember } from "@cairn/operations/operations/members/add";
import { leaveOrganisation } from "@cairn/operations/operations/members/leave";
import { listMembers } from "@cairn/operations/operations/members/list";
import { removeMember } from "@cairn/operations/operations/members/remove";
import { updateMember } from "@cairn/operations/operations/members/update";
import { createOrganisation } from "@cairn/operations/operations/organisations/create";
import { getOrganisation } from "@cairn/operations/operations/organisations/get";
import { listOrganisations } from "@cairn/operations/operations/organisations/list";
import { removeOrganisation } from "@cairn/operations/operations/organisations/remove";
import { updateOrganisation } from "@cairn/operations/operations/organisations/update";
import { type Binding, bind } from "./binding.ts";

export const organisationBindings: readonly Binding[] = [
  bind("GET /v1/organisations", listOrganisations),
  bind("POST /v1/organisations", createOrganisation, { status: 201, example: { name: "Acme" } }),
  bind("GET /v1/organisations/{id}", getOrganisation),
  bind("PATCH /v1/organisations/{id}", updateOrganisation, { example: { name: "Acme Incorporated" } }),
  bind("DELETE /v1/organisations/{id}", removeOrganisation),
  bind("GET /v1/members", listMembers),
  bind("POST /v1/members", addMember, {
    status: 201,
    example: { principal: "user:01890a5d-ac96-774b-bcce-b302099a8057", role: "editor" },
  }),
  bind("POST /v1/members/leave", leaveOrganisation, { example: {} }),
  bind("PATCH /v1/members/{principal}", updateMember, { example: { role: "editor" } }),
  bind("DELETE /v1/members/{principal}", removeMember),
  bind("GET /v1/invitations", listInvitations),
  bind("POST /v1/invitations", createInvitation, {
    status: 201,
    example: { email: "anna@example.com", role: "editor" },
  }),
  bind("POST /v1/invitations/accept", acceptInvitation, { example: { token: "from-the-link-in-the-mail" } }),
  bind("DELETE /v1/invitations/{id}", revokeInvitation),
  bind("GET /v1/spaces/{space}/grants", listGrants),
  bind("PUT /v1/spaces/{space}/grants/{principal}", setGrant, { example: { actions: ["read", "write"] } }),
  bind("DELETE /v1/spaces/{space}/grants/{principal}", removeGrant),
];
