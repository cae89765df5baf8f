import { describe, expect, test } from "vitest";
import { buildCairnBundle } from "./cairn-bundle.ts";
import { detectFormat } from "./detect.ts";

describe("API-7: which format a file is", () => {
  const own = buildCairnBundle({ space: "s", exportedAt: 0, embedding: null, counts: {} }, []);
  const bundle = { manifest: { schema_version: "1.0" }, entries: [] };

  test.each([
    ["memories.txt", own, "cairn-export"],
    ["x.jsonl", `\ufeff${own}`, "cairn-export"],
    ["x", JSON.stringify(bundle), "tribal-bundle"],
    ["x.json", JSON.stringify(bundle, null, 2).slice(0, 40), "tribal-bundle"],
    ["x.json", JSON.stringify({ success: true, bundle }), "tribal-bundle"],
    ["x.md", '{"content": "a"}\n{"content": "b"}', "jsonl"],
    ["x", '{"manifesto": "a"}', "jsonl"],
    ["x.ndjson", "{broken", "jsonl"],
    ["x.jsonl", '"a"\n', "jsonl"],
    ["MEMORY.md", "# Memory\n- a", "markdown"],
    ["notes", "just some words", "markdown"],
    ["x.md", "{{ template }}", "markdown"],
    ["x.md", "", "markdown"],
    ["x.json", "[1]", null],
    ["x.json", '{\n  "a": 1\n}', null],
    ["photo.md", "\0\u0001", null],
    ["", "", null],
  ] as const)("%s with %j is %s", (name, head, expected) => {
    expect(detectFormat(name, head)).toBe(expected);
  });
});
