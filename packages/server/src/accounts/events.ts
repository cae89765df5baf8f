/**
 * What is told of accounts for the audit (TEN-8): who did what, from where and how it ended. Told once for each
 * organisation of the person, and to the home organisation of people who are nobody's. Never an address of mail.
 */
import type { OrganisationDirectory } from "@cairn/directory/organisations/organisation-directory";
import type { ErrorCode } from "@cairn/kernel/error";
import type { AuditOutcome } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation } from "@cairn/memory/permission/identity";

export type AccountOperation =
  | "sign-in.password"
  | "sign-in.second-factor"
  | "sign-in.provider"
  | "sign-out"
  | "sign-up.ask"
  | "sign-up.join"
  | "invitation.accept"
  | "password.forgot"
  | "password.reset"
  | "password.change"
  | "session.revoke"
  | "second-factor.enable"
  | "second-factor.confirm"
  | "second-factor.disable"
  | "second-factor.backup-codes";

export interface AccountEvent {
  readonly operation: AccountOperation;
  /** `user:<id>`, or `anonymous` where it is not known. */
  readonly principal: string;
  readonly organisation: string;
  readonly outcome: AuditOutcome;
  readonly code: ErrorCode | null;
  /** The network address. */
  readonly address: string | null;
  readonly requestId: string;
}

export type Told = Omit<AccountEvent, "organisation">;

/** Rejects with storage.* where the organisations cannot be read. */
export const tellOrganisations = async (
  organisations: Pick<OrganisationDirectory, "membershipsOf">,
  onEvent: (event: AccountEvent) => void,
  told: Told,
): Promise<void> => {
  const memberships = told.principal === "anonymous" ? [] : await organisations.membershipsOf(told.principal);
  const ids = memberships.length === 0 ? [homeOrganisation] : memberships.map(({ organisation }) => organisation);
  for (const organisation of new Set(ids)) onEvent({ ...told, organisation });
};
