/**
 * Query parameters are texts; operations want numbers, booleans and lists. The operation's own schema says which, so
 * that no route has a list of its own. A text that does not fit stays a text: validation then says what is wrong.
 */
import type { JsonSchema } from "./json-schema.ts";
import { typesOf } from "./json-schema.ts";

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;
const booleans: Readonly<Record<string, boolean>> = { true: true, false: false, "1": true, "0": false };

const readText = (given: string, types: ReadonlySet<string>): unknown => {
  if (types.has("string")) return given;
  const trimmed = given.trim();
  if ((types.has("integer") || types.has("number")) && numberPattern.test(trimmed)) return Number(trimmed);
  if (types.has("boolean") && Object.hasOwn(booleans, trimmed.toLowerCase())) return booleans[trimmed.toLowerCase()];
  return given;
};

/** Values of a parameter as its schema wants them; a list may be repeated (`tags=a&tags=b`) or joined (`tags=a,b`). */
export const readParameter = (values: readonly string[], schema: JsonSchema): unknown => {
  const types = typesOf(schema);
  const last = values.at(-1) ?? "";
  if (!types.has("array")) return readText(last, types);
  return values.length > 1 ? values : last.split(",").filter((part) => part !== "");
};

/** The parameters that are known; others are ignored, as unknown fields of a body are. */
export const readQuery = (
  search: URLSearchParams,
  known: ReadonlyMap<string, { readonly schema: JsonSchema }>,
): Readonly<Record<string, unknown>> => {
  const read: Record<string, unknown> = {};
  for (const name of new Set(search.keys())) {
    const parameter = known.get(name);
    if (parameter !== undefined) read[name] = readParameter(search.getAll(name), parameter.schema);
  }
  return read;
};
