import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryMemory } from "./arbitrary-memory.fixture.ts";
import {
  buildCairnBundle,
  type CairnManifest,
  type CairnRecord,
  makeCairnReader,
  parseCairnBundle,
} from "./cairn-bundle.ts";
import { decodeVector, encodeVector } from "./vector-text.ts";

const manifest: CairnManifest = {
  space: "default",
  exportedAt: Date.UTC(2024, 4, 3),
  embedding: { model: "cairn-static-256@1", dimensions: 3 },
  counts: { memory: 1, vector: 1 },
};
const change: CairnRecord = { type: "change", change: { seq: 1, field: "content" } };
const vector: CairnRecord = { type: "vector", id: "a", chunk: 0, values: Float32Array.of(1, -0.5, 0.1) };
const errorOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
const refusal = (text: string): unknown => errorOf(() => parseCairnBundle(text));
const refused = { code: "import.invalid" };

describe("API-7: Cairn's own export", () => {
  test("reads as documented: manifest, one record a line, end with count and hash", () => {
    const lines = buildCairnBundle(manifest, [change, vector]).split("\n");
    expect(lines.map((line) => (line === "" ? null : JSON.parse(line)))).toEqual([
      {
        format: "cairn-export",
        version: 1,
        space: "default",
        exported_at: "2024-05-03T00:00:00.000Z",
        embedding: { model: "cairn-static-256@1", dimensions: 3 },
        counts: { memory: 1, vector: 1 },
      },
      { seq: 1, field: "content", type: "change" },
      { type: "vector", id: "a", chunk: 0, f32: "AACAPwAAAL/NzMw9" },
      { type: "end", count: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      null,
    ]);
  });

  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  const object = fc
    .dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 4 })
    .map((fields) => Object.fromEntries(Object.entries(fields).filter(([name]) => name !== "type")));
  const record: fc.Arbitrary<CairnRecord> = fc.oneof(
    arbitraryMemory.map((memory) => ({ type: "memory" as const, memory })),
    object.map((one) => ({ type: "change" as const, change: one })),
    object.map((message) => ({ type: "session_message" as const, message })),
    fc
      .tuple(fc.string(), fc.nat(), fc.array(float, { minLength: 3, maxLength: 3 }))
      .map(([id, chunk, values]) => ({ type: "vector" as const, id, chunk, values: Float32Array.from(values) })),
  );

  test("any records come back as they were, also through a mail program's line endings", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), fc.boolean(), (records, windows) => {
        const text = buildCairnBundle(manifest, records);
        const read = parseCairnBundle(windows ? text.replaceAll("\n", "\r\n") : text);
        expect(read).toEqual({ manifest, records, problems: [] });
      }),
    );
  });

  test("any vector comes back to the bit", () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true }), (values) => {
        expect(decodeVector(encodeVector(values))).toEqual(values);
      }),
    );
    expect(decodeVector("AAA=")).toBeNull();
    expect(decodeVector("not base64")).toBeNull();
  });

  test("a file cut off anywhere, or altered anywhere, is noticed", () => {
    const text = buildCairnBundle(manifest, [change, vector, change]);
    fc.assert(
      fc.property(fc.nat({ max: text.length - 2 }), (at) => {
        expect(refusal(text.slice(0, at))).toMatchObject(refused);
        const altered = text.slice(0, at) + (text[at] === "7" ? "8" : "7") + text.slice(at + 1);
        expect(refusal(altered)).toMatchObject(refused);
      }),
    );
    const lines = text.split("\n");
    expect(refusal([lines[0], ...lines.slice(2)].join("\n"))).toMatchObject(refused);
    expect(refusal([lines[0], lines[2], lines[1], ...lines.slice(3)].join("\n"))).toMatchObject(refused);
    expect(refusal(`${text}${lines[1]}\n`)).toMatchObject(refused);
    expect(refusal("")).toMatchObject(refused);
  });

  test("records of an unknown type and broken ones are reported with line and id; the others come in", () => {
    const text = buildCairnBundle(manifest, [change]);
    const extra = [
      { type: "hologram", id: "h" },
      { type: "vector", id: "v", chunk: 0, f32: "AAAA" },
      { type: "memory", id: "m", content: "" },
    ];
    const reader = makeCairnReader();
    const lines = [...text.split("\n").slice(0, 2), ...extra.map((fields) => JSON.stringify(fields)), "{"];
    const results = lines.map((line, index) => reader.line({ number: index + 1, text: line }));
    expect(
      results.map((result) => (result.kind === "problem" ? [result.problem.where, result.problem.id] : result.kind)),
    ).toEqual(["manifest", "record", ["line 3", "h"], ["line 4", "v"], ["line 5", "m"], ["line 6", null]]);
    expect(errorOf(() => reader.finish())).toMatchObject({ code: "import.invalid" });
  });

  test("a newer version and another format are refused", () => {
    const text = buildCairnBundle(manifest, []);
    expect(refusal(text.replace('"version":1', '"version":2'))).toMatchObject(refused);
    expect(refusal('{"content": "a memory"}\n')).toMatchObject(refused);
    expect(String(errorOf(() => parseCairnBundle(text.replace('"version":1', '"version":2'))))).toContain("version 2");
  });
});
