/** Clients leave a field out or send null; for operations both mean that it is not given. */
export const absent = (value: unknown): value is null | undefined => value === null || value === undefined;
