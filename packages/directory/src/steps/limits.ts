import type { SchemaStep } from "./schema-step.ts";

export const limitsStep: SchemaStep = { name: "limits", statements: () => [] };
