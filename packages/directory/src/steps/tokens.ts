import type { SchemaStep } from "./schema-step.ts";

export const tokensStep: SchemaStep = { name: "tokens", statements: () => [] };
