/**
 * Which role a caller may give: whoever is made an admin may do all that an admin may, whatever the key was for that made
 * them one. So a key or token makes admins only if it may do itself all that its principal administrates.
 */
import { CairnError } from "@cairn/kernel/error";
import type { Identity } from "@cairn/memory/permission/identity";
import { refuseCall } from "@cairn/memory/permission/may-call";
import { requirementOf, type Role, type Scope, scopes } from "@cairn/memory/permission/permission";

const administrates = (scope: Scope): boolean => {
  const { role, server } = requirementOf(scope);
  return server === true || role === "admin";
};
const administrative: readonly Scope[] = scopes.filter(administrates);

/** Throws auth.scope_missing. */
export const requireGivable = (identity: Identity, role: Role): void => {
  if (role !== "admin" || identity.scopes === null) return;
  const whole = { ...identity, scopes: null };
  const lacks = administrative.find((one) => refuseCall(whole, one) === null && refuseCall(identity, one) !== null);
  if (lacks === undefined) return;
  throw new CairnError("auth.scope_missing", `This credential makes nobody an admin: it lacks ${lacks} itself.`, {
    hint: `Use a sign-in, or a key with the scope ${lacks} too.`,
  });
};
