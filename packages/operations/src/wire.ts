/**
 * The one mapper between TypeScript's camelCase and the wire's snake_case. Objects whose keys are data, not names
 * (`metadata`, counts by tag), pass untouched, and so do portable bundles, which have a format of their own.
 */
const dataKeyed = new Set([
  "metadata",
  "bundle",
  "bySourceType",
  "byTag",
  "byInstance",
  "byCategory",
  "by_source_type",
  "by_tag",
  "by_instance",
  "by_category",
]);

const wireNames = new Map<string, string>();
const fieldNames = new Map<string, string>();
const mostNames = 2_000;

const remembered = (names: Map<string, string>, name: string, make: (name: string) => string): string => {
  const known = names.get(name);
  if (known !== undefined) return known;
  const made = make(name);
  // Clients send any key they like: what is unknown must not grow a map without bound.
  if (names.size < mostNames) names.set(name, made);
  return made;
};

export const wireName = (name: string): string =>
  remembered(wireNames, name, (given) => given.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

export const fieldName = (name: string): string =>
  remembered(fieldNames, name, (given) => given.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));

const renamed = (value: unknown, rename: (name: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (value === null || typeof value !== "object") return value;
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, inner] of Object.entries(value)) {
    out[rename(name)] = dataKeyed.has(name) ? inner : renamed(inner, rename);
  }
  return out;
};

export const toWire = (value: unknown): unknown => renamed(value, wireName);
export const fromWire = (value: unknown): unknown => renamed(value, fieldName);
