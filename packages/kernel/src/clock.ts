/** Milliseconds since 1970-01-01T00:00Z. */
export type Millis = number;

/** Where code reads the time: passed in, so that tests and as-of questions can set it. */
export type Clock = () => Millis;

export const wallClock: Clock = () => Date.now();

/** RFC 3339 in UTC with milliseconds, as every interface shows times. */
export const toRfc3339 = (at: Millis): string => new Date(at).toISOString();

/** The range that RFC 3339's four-digit years can show. */
export const minMillis: Millis = Date.parse("0001-01-01T00:00:00.000Z");
export const maxMillis: Millis = Date.parse("9999-12-31T23:59:59.999Z");
