/** A record of the audit as an operation hands it over with its write. */
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";

export const makeNote = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  at: Date.now(),
  organisation: "home",
  principal: "alice",
  credential: "key",
  key: "k1",
  instance: "laptop",
  operation: "memories.remember",
  kind: "write",
  outcome: "ok",
  code: null,
  spaces: [],
  subjects: [],
  address: "192.0.2.7",
  requestId: newId(),
  ...more,
});
