/** Which organisation a call is about: the caller's own, or any for whoever administers the server. */
import type { Organisation } from "@cairn/directory/organisations/organisation-directory";
import { unknownOrganisation } from "@cairn/directory/organisations/organisation-errors";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Identity } from "@cairn/memory/permission/identity";
import { refuseCall } from "@cairn/memory/permission/may-call";
import { absent } from "./absent.ts";
import type { CallContext } from "./context.ts";

export const administratesServer = (identity: Identity): boolean => refuseCall(identity, "server:manage") === null;

/**
 * The note of the call for the organisation that it changes: what an administrator of the server does in an organisation
 * is in that organisation's audit too, not only in its own.
 */
export const noteFor = ({ note }: Pick<CallContext, "note">, organisation: string): AuditEntry | undefined =>
  note === undefined ? undefined : { ...note, organisation };

/**
 * By id or slug; absent: the caller's own. Nothing is looked up for those who may not know of others, so that neither
 * answer nor time tells what there is. Throws organisation.not_found, auth.required.
 */
export const organisationFor = async (
  context: CallContext,
  idOrSlug: string | null | undefined,
): Promise<Organisation> => {
  const { caller, tenants } = context;
  const wanted = absent(idOrSlug) ? null : idOrSlug;
  const { organisation: ownId } = caller.identity;
  const own = wanted === null || ownId !== null ? await tenants.organisations.find(context.organisation) : null;
  if (own !== null && (wanted === null || own.id === wanted || own.slug === wanted)) return own;
  const other =
    wanted !== null && administratesServer(caller.identity) ? await tenants.organisations.lookUp(wanted) : null;
  if (other === null) throw unknownOrganisation();
  return other;
};
