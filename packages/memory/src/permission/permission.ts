/**
 * The vocabulary of permission: what can be done to a space, which roles and scopes there are, and what each permission
 * that an operation declares asks for. Rules that use it: `decide.ts` (one space) and `may-call.ts` (a whole call).
 */

/** What can be done to a space (COL-2). */
export const spaceActions = ["read", "write", "delete", "manage"] as const;
export type SpaceAction = (typeof spaceActions)[number];

/** Of a member in an organisation (COL-1), the mightiest first. */
export const roles = ["admin", "editor", "viewer"] as const;
export type Role = (typeof roles)[number];

/** Who reaches a space without a grant: its owner, its organisation by role, or whoever signs in to this server too. */
export const visibilities = ["private", "organisation", "public"] as const;
export type Visibility = (typeof visibilities)[number];

interface Requirement {
  /** What must be allowed on each space that the call uses. */
  readonly space?: SpaceAction;
  /** The least role in the organisation that the call acts in. */
  readonly role?: Role;
  /** Only for who administers the server: at its shell, or an admin of the home organisation. */
  readonly server?: true;
  /** Callers bound to one space may do it too; the operation keeps them to that space. */
  readonly bound?: true;
  /** Anyone, signed in or not. */
  readonly anyone?: true;
}

/**
 * What an operation may declare, and what it asks of a caller besides the scope of the same name. Lists in
 * `docs/permissions.md` and the matrix test are made from this table.
 */
export const permissions = {
  public: { anyone: true },
  // Whoever showed a credential, about itself; no scope names it, so that no key can lack it.
  "self:use": { bound: true },
  // A person's own standing: which organisations it belongs to, joining and leaving them. In none of them, so without role.
  "account:use": {},
  "memories:read": { space: "read", bound: true },
  "memories:write": { space: "write", bound: true },
  "memories:delete": { space: "delete", bound: true },
  "spaces:read": { space: "read", bound: true },
  "spaces:create": { role: "editor" },
  "spaces:manage": { space: "manage", bound: true },
  "embeddings:use": { role: "viewer", bound: true },
  "keys:manage": { role: "viewer", bound: true },
  "usage:read": { role: "viewer", bound: true },
  "members:read": { role: "viewer" },
  "members:manage": { role: "admin" },
  "organisation:manage": { role: "admin" },
  "audit:read": { role: "admin" },
  "metrics:read": { server: true },
  "server:manage": { server: true },
} as const satisfies Readonly<Record<string, Requirement>>;

export type Permission = keyof typeof permissions;
/** What a key or token may be limited to. */
export type Scope = Exclude<Permission, "public" | "self:use">;

export const permissionNames = Object.keys(permissions) as readonly Permission[];
export const scopes: readonly Scope[] = permissionNames.filter(
  (name): name is Scope => name !== "public" && name !== "self:use",
);

export const requirementOf = (permission: Permission): Requirement => permissions[permission];

/** What a key may do when nothing is said: all that an agent needs, and nothing that administrates. */
export const agentScopes: readonly Scope[] = [
  "memories:read",
  "memories:write",
  "memories:delete",
  "spaces:read",
  "embeddings:use",
  "usage:read",
];

/** Whether `role` is at least `least`. */
export const reaches = (role: Role | null, least: Role): boolean =>
  role !== null && roles.indexOf(role) <= roles.indexOf(least);
