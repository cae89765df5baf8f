import type { SchemaStep } from "./schema-step.ts";

export const ledgerStep: SchemaStep = { name: "ledger", statements: () => [] };
