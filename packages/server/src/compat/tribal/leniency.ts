/** What TribalMemory's server read beyond its own description, because clients in use rely on it. */

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Drops the fields of these names that hold an empty text: it took that for "not given". */
export const withoutBlank = <Given>(
  given: Given,
  names: readonly string[],
): Given | Readonly<Record<string, unknown>> =>
  isObject(given)
    ? Object.fromEntries(
        Object.entries(given).filter(
          ([name, value]) => !(names.includes(name) && typeof value === "string" && value.trim() === ""),
        ),
      )
    : given;

/** Beyond this a number of seconds would lie in the year 2603: it counts milliseconds. */
const mostSeconds = 2e10;
/** The range of ECMAScript's dates, in milliseconds. */
const mostMillis = 8.64e15;

const timeOf = (given: unknown): unknown => {
  if (typeof given !== "number") return given;
  const at = Math.abs(given) > mostSeconds ? given : given * 1_000;
  return Math.abs(at) > mostMillis ? given : new Date(at).toISOString();
};

/** Messages of a transcript whose `timestamp` may be a number since 1970 instead of a text. */
export const withTimestamps = (given: unknown): unknown => {
  if (!isObject(given) || !Array.isArray(given["messages"])) return given;
  const messages = given["messages"].map((message: unknown) =>
    isObject(message) ? { ...message, timestamp: timeOf(message["timestamp"]) } : message,
  );
  return { ...given, messages };
};
