import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isCairnError } from "@cairn/kernel/error";
import { setSetting } from "./set-setting.ts";

const path = "/data/config.yaml";
const set = (source: string | null, value: string): string => setSetting(source, "embedder", value, path);

describe("EMB-2: one setting of config.yaml", () => {
  test.each<[what: string, before: string | null, after: string]>([
    ["a file that is new", null, "embedder: bge\n"],
    ["an empty file", "", "embedder: bge\n"],
    ["comments alone", "# mine\n", "# mine\nembedder: bge\n"],
    ["other settings", "port: 1 # why\n", "port: 1 # why\nembedder: bge\n"],
    ["a file without a last line's end", "port: 1", "port: 1\nembedder: bge\n"],
    ["lines as Windows ends them", "port: 1\r\n", "port: 1\r\nembedder: bge\r\n"],
    ["another value", "embedder: builtin\nport: 1\n", "embedder: bge\nport: 1\n"],
    ["a comment behind the value", "embedder: 'x'   # chosen\n", "embedder: bge   # chosen\n"],
    ["a quoted name", '"embedder": /a/b\n', '"embedder": bge\n'],
    ["no value", "embedder:\nport: 1\n", "embedder: bge\nport: 1\n"],
    ["a byte order mark", "\ufeffport: 1\n", "\ufeffport: 1\nembedder: bge\n"],
  ])("EMB-2: %s: only the setting changes", (_, before, after) => {
    expect(set(before, "bge")).toBe(after);
    expect(set(after, "bge")).toBe(after);
  });

  test.each(["{port: 1}\n", "- a\n", "port: [\n", "text\n", "---\nport: 1\n...\n"])(
    "EMB-2: %j is refused rather than spoilt, or still means the same",
    (source) => {
      try {
        expect(parse(set(source, "bge"))).toEqual({ ...(parse(source) as object), embedder: "bge" });
      } catch (error) {
        expect(isCairnError(error) && error.code).toBe("config.invalid");
      }
    },
  );

  test("EMB-2: any value is read back as it was given, and nothing else changes", () => {
    const value = fc.oneof(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.constantFrom(
        "C:\\models\\mine",
        "/a path/with: colon",
        "~/x",
        "# no comment",
        "yes",
        "1.0",
        "'",
        '"',
        "- x",
        "null",
      ),
    );
    fc.assert(
      fc.property(
        value,
        fc.constantFrom(null, "port: 1\n", "embedder: x # why\nport: 1\n", "a: b\nembedder:\n"),
        (given, source) => {
          const changed = parse(set(source, given)) as Record<string, unknown>;
          expect(changed["embedder"]).toBe(given);
          const { embedder: _, ...rest } = changed;
          const { embedder: __, ...before } = (parse(source ?? "{}") ?? {}) as Record<string, unknown>;
          expect(rest).toEqual(before);
        },
      ),
    );
  });
});
