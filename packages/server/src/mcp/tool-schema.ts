/**
 * Schemas as a model reads them: the same as on every other interface, without what only costs it tokens, such as the
 * alternative of `null` where a field may simply be left out. And the leniency that models need: some send a list or
 * a number as a text.
 */
import { type JsonSchema, objectProperties, typesOf } from "../rest/json-schema.ts";
import type { ToolArguments } from "./tool.ts";

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const withoutNull = (schema: JsonSchema): JsonSchema => {
  const { anyOf, type, ...rest } = schema;
  if (Array.isArray(anyOf)) {
    const others = anyOf.filter((given) => !(isObject(given) && given["type"] === "null"));
    const [only] = others;
    return others.length === 1 && isObject(only) ? { ...only, ...rest } : { ...rest, anyOf: others };
  }
  if (!Array.isArray(type)) return schema;
  const types = type.filter((given) => given !== "null");
  return { ...rest, type: types.length === 1 ? types[0] : types };
};

/** The fields named, in that order, of an input schema. */
export const inputFields = (schema: JsonSchema, fields: readonly string[]): JsonSchema => {
  const known = objectProperties(schema);
  const kept = fields.flatMap((name) => {
    const found = known.get(name);
    return found === undefined ? [] : [{ name, ...found }];
  });
  const required = kept.filter((field) => field.required).map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(kept.map(({ name, schema: inner }) => [name, withoutNull(inner)])),
    ...(required.length === 0 ? {} : { required }),
  };
};

/**
 * An output schema whose root says that it is an object, and which leaves room for fields to come. Shared parts are
 * put in where they are used: clients of SDK 1 drop `$defs` and then fail on what refers to it.
 */
export const outputShape = (schema: JsonSchema): JsonSchema => {
  const definitions = isObject(schema["$defs"]) ? schema["$defs"] : {};
  const shown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shown);
    return isObject(value) ? shownSchema(value) : value;
  };
  const shownSchema = ({ $ref, $defs: _defs, id: _id, additionalProperties, ...rest }: JsonSchema): JsonSchema => {
    const named = typeof $ref === "string" ? definitions[$ref.replace("#/$defs/", "")] : undefined;
    const closed = additionalProperties === undefined || additionalProperties === false;
    return {
      ...(isObject(named) ? shownSchema(named) : {}),
      ...Object.fromEntries(
        Object.entries(rest).map(([key, inner]) => [key, key === "properties" ? properties(inner) : shown(inner)]),
      ),
      ...(closed ? {} : { additionalProperties: shown(additionalProperties) }),
    };
  };
  /** Names of fields, one of which may be `id`, are not keywords. */
  const properties = (value: unknown): unknown =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner)])) : value;
  return { ...shownSchema(schema), type: "object" };
};

const readJsonList = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : text;
  } catch {
    return text;
  }
};

const numberPattern = /^-?\d+(?:\.\d+)?$/u;

/** Texts that say a list, a number or a truth value become that, where the schema asks for it and not for a text. */
export const lenient = (args: ToolArguments, schema: JsonSchema): ToolArguments => {
  const known = objectProperties(schema);
  const read = (name: string, given: unknown): unknown => {
    const types = typesOf(known.get(name)?.schema ?? {});
    if (typeof given !== "string" || types.size === 0 || types.has("string")) return given;
    if (types.has("array")) return readJsonList(given);
    if ((types.has("number") || types.has("integer")) && numberPattern.test(given.trim())) return Number(given);
    if (types.has("boolean") && /^(?:true|false)$/iu.test(given.trim())) return given.trim().toLowerCase() === "true";
    return given;
  };
  return Object.fromEntries(Object.entries(args).map(([name, given]) => [name, read(name, given)]));
};
