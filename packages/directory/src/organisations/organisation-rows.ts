/** Rows of `../steps/organisations.ts` as records. What a later version wrote and this one does not know gives least. */
import { type Role, roles, type SpaceAction, spaceActions } from "@cairn/memory/permission/permission";
import type { GrantsTable, InvitationsTable, MembersTable, OrganisationsTable } from "../tables/organisations.ts";
import type { Invitation, Member, Organisation, SpaceGrant } from "./organisation-directory.ts";

/** By name and never `*`: see `../schema-steps.ts`. */
export const organisationColumns = [
  "id",
  "name",
  "slug",
  "plan",
  "status",
  "default_space",
  "created_at",
  "updated_at",
] as const;
export const memberColumns = ["id", "organisation", "principal", "role", "created_at", "created_by"] as const;
export const invitationColumns = [
  "id",
  "organisation",
  "email",
  "role",
  "created_at",
  "created_by",
  "expires_at",
  "accepted_at",
  "revoked_at",
] as const;
export const grantColumns = ["space", "principal", "actions", "created_at", "created_by"] as const;

export const roleFrom = (text: string): Role => roles.find((role) => role === text) ?? "viewer";

export const toOrganisation = (row: OrganisationsTable): Organisation =>
  Object.freeze({
    id: row.id,
    name: row.name,
    slug: row.slug,
    plan: row.plan,
    status: row.status === "active" ? "active" : "suspended",
    defaultSpace: row.default_space,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });

export const toMember = (row: Pick<MembersTable, (typeof memberColumns)[number]>): Member =>
  Object.freeze({
    id: row.id,
    organisation: row.organisation,
    principal: row.principal,
    role: roleFrom(row.role),
    createdAt: row.created_at,
    createdBy: row.created_by,
  });

type InvitationRow = Pick<InvitationsTable, (typeof invitationColumns)[number]>;

const stateOf = ({ accepted_at, revoked_at, expires_at }: InvitationRow, now: number): Invitation["state"] => {
  if (accepted_at !== null) return "accepted";
  if (revoked_at !== null) return "revoked";
  return expires_at <= now ? "expired" : "open";
};

export const toInvitation = (row: InvitationRow, now: number): Invitation =>
  Object.freeze({
    id: row.id,
    organisation: row.organisation,
    email: row.email,
    role: roleFrom(row.role),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    state: stateOf(row, now),
  });

/** Actions as they are kept: each once, in the order of the vocabulary. */
export const actionsText = (actions: readonly SpaceAction[]): string =>
  spaceActions.filter((action) => actions.includes(action)).join(" ");

export const toGrant = (row: Pick<GrantsTable, (typeof grantColumns)[number]>): SpaceGrant => {
  const words = new Set(row.actions.split(" "));
  return Object.freeze({
    space: row.space,
    principal: row.principal,
    actions: Object.freeze(spaceActions.filter((action) => words.has(action))),
    createdAt: row.created_at,
    createdBy: row.created_by,
  });
};
