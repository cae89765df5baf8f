import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nestsDeeperThan, parseJson } from "./json.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("bodies become JSON values", () => {
  test("API-3: any JSON value comes through as it was written", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
        expect(parseJson(bytes(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("any bytes either parse or are a coded error, whose text repeats nothing of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (given) => {
        try {
          parseJson(given);
        } catch (error) {
          expect(error).toMatchObject({ code: "request.malformed" });
        }
      }),
    );
  });

  test.each([
    ["half a text", '{"content": "secret words', /not valid JSON\. It goes wrong at character \d+|not valid JSON\./u],
    ["two values", "{} {}", /not valid JSON/u],
    ["a trailing comma", '{"a":1,}', /not valid JSON/u],
    ["NaN", '{"a":NaN}', /not valid JSON/u],
  ])("API-3: %s is malformed and not quoted", (_, text, message) => {
    expect(() => parseJson(bytes(text))).toThrow(message);
    expect(() => parseJson(bytes(text))).not.toThrow(/secret/u);
  });

  test("API-3: broken UTF-8 is refused instead of being replaced", () => {
    const broken = new Uint8Array([...bytes('{"content":"'), 0xc3, 0x28, ...bytes('"}')]);
    expect(() => parseJson(broken)).toThrow(/not valid UTF-8/u);
  });

  test("an empty body is absent, not an error", () => {
    expect(parseJson(new Uint8Array())).toBeUndefined();
  });
});

describe("nesting is bounded before anything recurses over it", () => {
  test("API-3: 64 levels pass and 65 do not", () => {
    expect(() => parseJson(bytes(nested(64)))).not.toThrow();
    expect(() => parseJson(bytes(nested(65)))).toThrow(/nests deeper than 64/u);
  });

  test("API-3: two million levels are an answer, not a crash", () => {
    expect(() => parseJson(bytes(nested(2_000_000)))).toThrow(expect.objectContaining({ code: "request.malformed" }));
  });

  test("depth counts arrays and objects alike", () => {
    expect(nestsDeeperThan({ a: [{ b: 1 }] }, 3)).toBe(false);
    expect(nestsDeeperThan({ a: [{ b: 1 }] }, 2)).toBe(true);
    expect(nestsDeeperThan("flat", 0)).toBe(false);
  });

  test("a key named __proto__ is only a key", () => {
    const value = parseJson(bytes('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });
});
