/** The audit's record of what the shell does beside operations, such as setting a password. */
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { Settings } from "../settings.ts";
import type { Access } from "./open-access.ts";

/** For the transaction of what is done, in the home organisation's chain. */
export const noteOfShell = (instance: string, operation: string, at: number): AuditEntry => ({
  id: newId(),
  at,
  organisation: homeOrganisation,
  principal: "local",
  credential: "shell",
  key: null,
  instance,
  operation,
  kind: "administrate",
  outcome: "ok",
  code: null,
  spaces: [],
  subjects: [],
  address: null,
  requestId: newId(),
});

/** Undefined where nothing is audited. */
export const shellNote = async (
  access: Pick<Access, "signsIn">,
  { instance }: Pick<Settings, "instance">,
  operation: string,
): Promise<AuditEntry | undefined> =>
  (await access.signsIn()) ? noteOfShell(instance, operation, Date.now()) : undefined;
