import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldName, fromWire, toWire, wireName } from "./wire.ts";

/** Names as schemas have them: words of letters, digits only inside a word. */
const camelName = fc
  .array(fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/u), { minLength: 1, maxLength: 4 })
  .map(([first = "a", ...rest]) => first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(""));

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(camelName, tie("value"), { maxKeys: 4 }),
}));

const plain = (given: unknown): unknown => JSON.parse(JSON.stringify(given)) as unknown;

describe("the mapper between code and wire", () => {
  test("API-10 gives back every object it was given", () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(plain(fromWire(toWire(given)))).toEqual(plain(given));
      }),
    );
  });

  test("writes every name in lower case with underscores, and reads it back", () => {
    fc.assert(
      fc.property(camelName, (name) => {
        expect(wireName(name)).toMatch(/^[a-z0-9_]+$/u);
        expect(fieldName(wireName(name))).toBe(name);
      }),
    );
  });

  test.each(["metadata", "bundle", "bySourceType", "byTag", "byInstance", "byCategory"])(
    "leaves the keys of %s alone: they are data",
    (name) => {
      fc.assert(
        fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
          const wire = toWire({ [name]: data }) as Record<string, unknown>;
          expect(wire[wireName(name)]).toBe(data);
          expect((fromWire(wire) as Record<string, unknown>)[name]).toBe(data);
        }),
      );
    },
  );

  test("takes a name such as __proto__ for a name and changes nobody's prototype", () => {
    const given: unknown = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"metadata":{"__proto__":1}}',
    );
    const read = fromWire(given) as Record<string, unknown>;
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(read["polluted"]).toBeUndefined();
    expect(Object.keys(read)).toHaveLength(3);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(Object.keys(read["metadata"] as object)).toEqual(["__proto__"]);
  });

  test("passes lists, texts, numbers and null as they are", () => {
    expect(toWire([1, "aB", null, { aB: [{ cD: 1 }] }])).toEqual([1, "aB", null, { a_b: [{ c_d: 1 }] }]);
  });
});
