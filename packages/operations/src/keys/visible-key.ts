/**
 * Which keys a caller sees: people their own, admins those of their organisation, a key that stands for itself only
 * itself; and whoever is bound to one space only those that are bound to it too. Whoever sees a key may also narrow or
 * revoke it; getting a new one in its place, or letting it be used from elsewhere, asks for more.
 */
import type { KeyRecord } from "@cairn/directory/keys/key-directory";
import { unknownKey } from "@cairn/directory/keys/key-errors";
import { CairnError } from "@cairn/kernel/error";
import type { Identity } from "@cairn/memory/permission/identity";
import { reaches } from "@cairn/memory/permission/permission";
import type { CallContext } from "../context.ts";

/** The principal of a key that stands for itself. */
export const principalOfKey = (id: string): string => `key:${id}`;

const isItsOwn = ({ principal }: Identity, { id, owner }: KeyRecord): boolean =>
  principal === (owner ?? principalOfKey(id));

export const maySeeKey = (identity: Identity, key: KeyRecord): boolean => {
  if (identity.principal === "local") return true;
  if (identity.space !== null && key.space !== identity.space) return false;
  return reaches(identity.role, "admin") || isItsOwn(identity, key);
};

type Asks = Pick<CallContext, "caller" | "tenants" | "organisation">;

/** Throws key.not_found, in the same words whether there is none or it is not the caller's. */
export const visibleKey = async ({ caller, tenants, organisation }: Asks, id: string): Promise<KeyRecord> => {
  const found = await tenants.keys.lookUp(organisation, id);
  if (found === null || !maySeeKey(caller.identity, found)) throw unknownKey();
  return found;
};

/** Whoever gets a new key in place of a person's would be that person. Throws auth.forbidden. */
export const requireReplaceable = (identity: Identity, key: KeyRecord): void => {
  const isFree = key.owner === null && reaches(identity.role, "admin");
  if (identity.principal === "local" || isFree || isItsOwn(identity, key)) return;
  throw new CairnError("auth.forbidden", "Only the person whose key it is can do that.", {
    hint: "Revoke it; its owner can make a new one.",
  });
};
