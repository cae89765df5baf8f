/** Settings of plans and rates. */
export const planShape = {} as const;
export const planVariables = {} as const;

// oxlint-disable-next-line typescript/no-empty-object-type
export interface PlanSettings {}

export const planSettingsOf = (_value: unknown): PlanSettings => ({});
