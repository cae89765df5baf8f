/**
 * The port of the directory as far as organisations go: tenants, who belongs to them in which role, who is invited, and
 * grants on their spaces (COL-1, COL-2). A change that comes with a `note` of its call is audited in its transaction.
 * Both databases pass `testing/src/organisations-conformance.ts`.
 */
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Grant } from "@cairn/memory/permission/decide";
import type { Role, SpaceAction } from "@cairn/memory/permission/permission";

/** A suspended organisation keeps everything, and none of its calls are answered. */
export const organisationStatuses = ["active", "suspended"] as const;
export type OrganisationStatus = (typeof organisationStatuses)[number];

export interface Organisation {
  readonly id: string;
  /** 1..100 characters. */
  readonly name: string;
  /** Unique; 1..40 of a-z, 0-9 and -, and nothing that looks like an id. */
  readonly slug: string;
  /** The name of a plan of the settings; null: the server's default one. */
  readonly plan: string | null;
  readonly status: OrganisationStatus;
  /** The id of the space of calls that name none. */
  readonly defaultSpace: string;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
}

export interface NewOrganisation {
  readonly name: string;
  /** Made from the name when absent, with a number behind it where that one is taken. */
  readonly slug?: string;
  readonly plan?: string | null;
  /** Principals that belong to it from the start. */
  readonly members?: readonly { readonly principal: string; readonly role: Role }[];
  readonly createdBy: string;
}

export type OrganisationChange = Partial<Pick<Organisation, "name" | "slug" | "plan" | "status">>;

export interface Member {
  readonly id: string;
  readonly organisation: string;
  readonly principal: string;
  readonly role: Role;
  readonly createdAt: Millis;
  readonly createdBy: string;
}

export interface Invitation {
  readonly id: string;
  readonly organisation: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAt: Millis;
  readonly createdBy: string;
  readonly expiresAt: Millis;
  readonly state: "open" | "accepted" | "revoked" | "expired";
}

export interface NewInvitation {
  readonly organisation: string;
  readonly email: string;
  readonly role: Role;
  readonly createdBy: string;
  readonly expiresAt: Millis;
}

export interface SpaceGrant extends Grant {
  readonly space: string;
  readonly createdAt: Millis;
  readonly createdBy: string;
}

export interface PageOf {
  /** The id of the last one seen; null or absent: from the first. */
  readonly after?: string | null;
  /** 1..1,000. */
  readonly limit: number;
}

export interface OrganisationDirectory {
  /** By id. Remembered, and forgotten within a second of a change on any server. */
  readonly find: (id: string) => Promise<Organisation | null>;
  /** By id or slug; asked anew each time. */
  readonly lookUp: (idOrSlug: string) => Promise<Organisation | null>;
  readonly page: (request: PageOf) => Promise<readonly Organisation[]>;
  /**
   * Makes it together with its default space, whose storage the caller makes afterwards. Throws request.invalid,
   * organisation.slug_taken.
   */
  readonly create: (organisation: NewOrganisation, note?: AuditEntry) => Promise<Organisation>;
  /**
   * Throws organisation.not_found, organisation.slug_taken; request.invalid, also where the home organisation would be
   * suspended.
   */
  readonly update: (id: string, change: OrganisationChange, note?: AuditEntry) => Promise<Organisation>;
  /**
   * Removes it with members, invitations, keys and grants. Its spaces must be gone but for the default one, which goes
   * with it. Throws organisation.not_found, request.invalid for the home organisation, space.not_empty.
   */
  readonly remove: (id: string, note?: AuditEntry) => Promise<void>;

  /** Null: no member, or a person who is disabled. Remembered like `find`. */
  readonly roleOf: (organisation: string, principal: string) => Promise<Role | null>;
  /** All organisations that it belongs to, the oldest membership first. */
  readonly membershipsOf: (principal: string) => Promise<readonly Member[]>;
  readonly members: (organisation: string, request: PageOf) => Promise<readonly Member[]>;
  /**
   * Makes a member, or gives one another role. `existing`: only the latter, so that somebody who is removed meanwhile
   * stays removed. Throws organisation.not_found, member.not_found, member.last_admin where nobody would be admin any
   * more; request.invalid for a principal that is neither `user:…` nor `external:…`.
   */
  readonly setMember: (
    organisation: string,
    member: { readonly principal: string; readonly role: Role; readonly by: string; readonly existing?: boolean },
    note?: AuditEntry,
  ) => Promise<Member>;
  /**
   * Removes the member with its grants and revokes the keys that act for it. Its private spaces stay. Throws
   * organisation.not_found, member.not_found, member.last_admin.
   */
  readonly removeMember: (organisation: string, principal: string, note?: AuditEntry) => Promise<void>;

  /**
   * `tokenHash`: what recognises the token that was sent. One address has one open invitation; a new one replaces it.
   * At most 1,000 open ones: limit.exceeded. Throws organisation.not_found; request.invalid for what is no address. What
   * ran out 90 days ago is forgotten.
   */
  readonly invite: (invitation: NewInvitation, tokenHash: string, note?: AuditEntry) => Promise<Invitation>;
  /** What the token is good for; null where it is not, for whatever reason. */
  readonly invitationOf: (tokenHash: string) => Promise<Invitation | null>;
  /**
   * Makes the principal, whose verified address is `email`, a member; once. Null where the invitation is unknown, used,
   * revoked, expired or for somebody else. Whoever is a member already keeps the mightier role.
   */
  readonly acceptInvitation: (
    tokenHash: string,
    who: { readonly principal: string; readonly email: string },
    note?: AuditEntry,
  ) => Promise<Member | null>;
  readonly invitations: (organisation: string, request: PageOf) => Promise<readonly Invitation[]>;
  /** Throws invitation.not_found, also for one that was accepted or revoked already. */
  readonly revokeInvitation: (organisation: string, id: string, note?: AuditEntry) => Promise<void>;

  /** All grants of a space. Remembered like `find`. */
  readonly grantsOf: (space: string) => Promise<readonly SpaceGrant[]>;
  /** All grants of the principal on spaces of the organisation. */
  readonly grantsTo: (organisation: string, principal: string) => Promise<readonly SpaceGrant[]>;
  /**
   * Replaces the principal's grant. At most 1,000 a space: limit.exceeded. Throws space.not_found; member.not_found where
   * the principal is no member of the space's organisation, nor a key of it that belongs to nobody, nor of an outside
   * sign-in (`external:…`).
   */
  readonly setGrant: (
    space: string,
    grant: { readonly principal: string; readonly actions: readonly SpaceAction[]; readonly by: string },
    note?: AuditEntry,
  ) => Promise<SpaceGrant>;
  /** Throws grant.not_found. */
  readonly removeGrant: (space: string, principal: string, note?: AuditEntry) => Promise<void>;
}
