/**
 * The one decision about a space (COL-2): may this principal do this to that space? Pure; every edge, job and recall
 * asks here, through the pipeline. Rules, the first that applies:
 *
 * 1. Whoever has the machine may do everything.
 * 2. A credential that is bound to another space, or lacks the scope (`may-call.ts`), may nothing.
 * 3. Outside the space's organisation a public space may be read, and nothing else reached.
 * 4. A grant to the principal replaces what its role would give, upwards and downwards. Only one thing it cannot take:
 *    an admin always manages the spaces of the organisation that are not private, and its owner a private one, so that
 *    nobody is locked out for good by somebody who was let in.
 * 5. A private space is its owner's alone.
 * 6. Elsewhere the role decides: admins all, editors read, write and delete, viewers read.
 */
import type { Identity } from "./identity.ts";
import type { Role, SpaceAction, Visibility } from "./permission.ts";

/** What a decision needs to know of a space. */
export interface SpaceAccess {
  readonly id: string;
  readonly organisation: string;
  readonly visibility: Visibility;
  /** The principal that a private space belongs to. */
  readonly owner: string | null;
}

/** Exactly these actions, whatever the role; none: shut out. */
export interface Grant {
  readonly principal: string;
  readonly actions: readonly SpaceAction[];
}

/** Why it was allowed, for REC-5, or why not. */
export type Reason = "local" | "grant" | "owner" | "role" | "public" | "bound_elsewhere" | "outsider" | "no_right";

export interface Decision {
  readonly allowed: boolean;
  readonly reason: Reason;
}

const ofRole: Readonly<Record<Role, readonly SpaceAction[]>> = {
  admin: ["read", "write", "delete", "manage"],
  editor: ["read", "write", "delete"],
  viewer: ["read"],
};

const yes = (reason: Reason): Decision => ({ allowed: true, reason });
const no = (reason: Reason): Decision => ({ allowed: false, reason });

/** `grants`: those of the space; others than the principal's are passed over. */
export const decide = (
  { principal, credential, organisation, role, space: boundTo }: Identity,
  action: SpaceAction,
  space: SpaceAccess,
  grants: readonly Grant[],
): Decision => {
  if (principal === "local") return yes("local");
  if (boundTo !== null && boundTo !== space.id) return no("bound_elsewhere");
  if (organisation !== space.organisation || role === null) {
    const mayRead = action === "read" && space.visibility === "public" && credential !== "none";
    return mayRead ? yes("public") : no("outsider");
  }
  if (action === "manage" && role === "admin" && space.visibility !== "private") return yes("role");
  if (action === "manage" && space.visibility === "private" && space.owner === principal) return yes("owner");
  const grant = grants.find((one) => one.principal === principal);
  if (grant !== undefined) return grant.actions.includes(action) ? yes("grant") : no("no_right");
  if (space.visibility === "private") return space.owner === principal ? yes("owner") : no("no_right");
  return ofRole[role].includes(action) ? yes("role") : no("no_right");
};
