import type { SchemaStep } from "./schema-step.ts";

export const peopleStep: SchemaStep = { name: "people", statements: () => [] };
