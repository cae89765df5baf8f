/** Routes of usage and audit. */
import { exportAudit } from "@cairn/operations/operations/audit/export";
import { listAudit } from "@cairn/operations/operations/audit/list";
import { verifyAudit } from "@cairn/operations/operations/audit/verify";
import { readUsage } from "@cairn/operations/operations/usage/read";
import { type Binding, bind } from "./binding.ts";

export const ledgerBindings: readonly Binding[] = [
  bind("GET /v1/usage", readUsage),
  bind("GET /v1/audit", listAudit),
  bind("GET /v1/audit/export", exportAudit),
  bind("GET /v1/audit/verify", verifyAudit),
];
