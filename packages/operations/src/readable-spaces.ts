/** The spaces of an organisation that a caller may read, for lists and for recall over all of them. */
import type { SpaceRecord } from "@cairn/directory/space-directory";
import { decide } from "@cairn/memory/permission/decide";
import type { CallContext } from "./context.ts";

/** By name. Each is decided alone, with the caller's own grants. */
export const readableSpaces = async (
  { caller: { identity }, directory, tenants }: CallContext,
  organisation: string,
): Promise<readonly SpaceRecord[]> => {
  const records = await directory.list(organisation);
  // The shell needs no grants, and who acts in another organisation has none here.
  const asks = identity.principal !== "local" && identity.organisation === organisation;
  const granted = asks ? await tenants.organisations.grantsTo(organisation, identity.principal) : [];
  const bySpace = new Map(granted.map((grant) => [grant.space, [grant]]));
  return records.filter((record) => decide(identity, "read", record, bySpace.get(record.id) ?? []).allowed);
};
