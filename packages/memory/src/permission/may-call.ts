/**
 * Whether a caller may make a call at all, before anything is looked up: its credential, its scopes, its role in the
 * organisation. What it may do to the spaces that the call names is decided for each of them (`decide.ts`). Nothing here
 * depends on what exists, so a refusal tells nothing.
 */
import type { Identity } from "./identity.ts";
import { type Permission, reaches, requirementOf, type Role } from "./permission.ts";

export type CallRefusal =
  /** Nobody showed a credential. */
  | { readonly why: "not_signed_in" }
  /** The key or token is not for this. */
  | { readonly why: "scope"; readonly scope: string }
  /** The credential reaches one space only, and this is not about one. */
  | { readonly why: "bound" }
  | { readonly why: "role"; readonly least: Role }
  | { readonly why: "server" };

/** Null: it may. */
export const refuseCall = (identity: Identity, permission: Permission): CallRefusal | null => {
  const required = requirementOf(permission);
  if (required.anyone === true || identity.principal === "local") return null;
  if (identity.credential === "none" || permission === "public") return { why: "not_signed_in" };
  const isScope = permission !== "self:use";
  if (isScope && identity.scopes !== null && !identity.scopes.includes(permission))
    return { why: "scope", scope: permission };
  if (identity.space !== null && required.bound !== true) return { why: "bound" };
  if (required.server === true) return identity.administrator ? null : { why: "server" };
  if (required.role !== undefined && !reaches(identity.role, required.role))
    return { why: "role", least: required.role };
  return null;
};
