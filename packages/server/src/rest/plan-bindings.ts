import { listPlans } from "@cairn/operations/operations/plans/list";
import { type Binding, bind } from "./binding.ts";

export const planBindings: readonly Binding[] = [bind("GET /v1/plans", listPlans)];
