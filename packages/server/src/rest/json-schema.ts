/** JSON Schema of an operation's schemas in wire names: what the reference shows and what query texts are read by. */
import { wireName } from "@cairn/operations/wire";
import { z } from "zod";

export type JsonSchema = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys under which a schema holds names of fields, not keywords. */
const named: ReadonlySet<string> = new Set(["properties", "$defs"]);
/** Keys whose values are data, not schemas. */
const opaque: ReadonlySet<string> = new Set(["default", "const", "enum", "examples", "example"]);

const rename = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(rename);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (opaque.has(keyword)) return [keyword, value];
      if (keyword === "required" && Array.isArray(value)) return [keyword, value.map((name) => wireName(String(name)))];
      if (keyword === "properties" && isObject(value)) {
        return [
          keyword,
          Object.fromEntries(Object.entries(value).map(([name, inner]) => [wireName(name), rename(inner)])),
        ];
      }
      if (named.has(keyword) && isObject(value)) {
        return [keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rename(inner)]))];
      }
      return [keyword, rename(value)];
    }),
  );
};

/** Draft 2020-12, which OpenAPI 3.1 uses as it is. Shared parts are in `$defs`. */
export const wireSchema = (schema: z.ZodType, io: "input" | "output"): JsonSchema => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any", reused: "inline" });
  return rename(rest) as JsonSchema;
};

/** The properties of an object schema, and which of them must be there. */
export const objectProperties = (
  schema: JsonSchema,
): ReadonlyMap<string, { schema: JsonSchema; required: boolean }> => {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required: readonly unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
  return new Map(
    Object.entries(properties).map(([name, inner]) => [
      name,
      { schema: isObject(inner) ? inner : {}, required: required.includes(name) },
    ]),
  );
};

/** The JSON types that a schema admits, `null` left out; unions are looked through. */
export const typesOf = (schema: JsonSchema): ReadonlySet<string> => {
  const alternatives = [schema["anyOf"], schema["oneOf"], schema["allOf"]].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const own = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
  const found = new Set(own.filter((type): type is string => typeof type === "string"));
  for (const alternative of alternatives) {
    if (isObject(alternative)) for (const type of typesOf(alternative)) found.add(type);
  }
  found.delete("null");
  return found;
};
