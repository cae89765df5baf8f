import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryMemory } from "./arbitrary-memory.fixture.ts";
import { buildTribalBundle, parseTribalBundle, readTribalBundle } from "./tribal-bundle.ts";

const embedding = { modelName: "BAAI/bge-small-en-v1.5", dimensions: 3, provider: "fastembed" };
const manifest = {
  schema_version: "1.0",
  embedding: { model_name: "BAAI/bge-small-en-v1.5", dimensions: 3, provider: "fastembed" },
  memory_count: 1,
};
const entry = {
  id: "0b8f",
  content: "Ada prefers tea",
  embedding: [0.1, 0.2, 0.3],
  source_instance: "laptop",
  source_type: "deliberate",
  created_at: "2024-05-03T12:00:00.123456",
  updated_at: "2024-05-03T12:00:00+00:00",
  tags: ["food"],
  context: null,
  confidence: 1.0,
  supersedes: null,
  related_to: ["0b90"],
};
const errorOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("API-7: TribalMemory's portable bundle", () => {
  test("an entry as TribalMemory writes it, inside the answer of its export call or not", () => {
    const expected = {
      embedding,
      problems: [],
      entries: [
        {
          draft: {
            id: "0b8f",
            content: "Ada prefers tea",
            sourceInstance: "laptop",
            sourceType: "user_explicit",
            createdAt: Date.UTC(2024, 4, 3, 12, 0, 0, 123),
            updatedAt: Date.UTC(2024, 4, 3, 12),
            tags: ["food"],
            context: null,
            confidence: 1,
            supersedes: null,
            metadata: { related_to: ["0b90"] },
          },
          vector: [0.1, 0.2, 0.3],
        },
      ],
    };
    const bundle = { manifest, entries: [entry] };
    expect(readTribalBundle(bundle)).toEqual(expected);
    expect(readTribalBundle({ success: true, memory_count: 1, bundle, error: null })).toEqual(expected);
    expect(parseTribalBundle(JSON.stringify({ success: true, memory_count: 1, ...bundle }, null, 2))).toEqual(expected);
  });

  test("bad entries are reported one by one and the others come in", () => {
    const { problems, entries } = readTribalBundle({
      manifest,
      entries: [
        entry,
        null,
        { ...entry, content: "" },
        { ...entry, id: undefined },
        { ...entry, tags: "food", created_at: "soon" },
        { ...entry, embedding: [1, 2] },
        { ...entry, source_type: "telepathy", embedding: null, related_to: [] },
      ],
    });
    expect(problems.map(({ where, id }) => [where, id])).toEqual([
      ["entries.1", null],
      ["entries.2.content", "0b8f"],
      ["entries.3.id", null],
      ["entries.4.tags", "0b8f"],
      ["entries.4.created_at", "0b8f"],
      ["entries.5.embedding", "0b8f"],
    ]);
    expect(entries.map(({ vector, draft }) => [vector?.length ?? null, draft.sourceType])).toEqual([
      [3, "user_explicit"],
      [null, "user_explicit"],
      [null, "unknown"],
    ]);
  });

  test("1.x is read; another major version, none, and what is no bundle are refused by code", () => {
    expect(readTribalBundle({ manifest: { schema_version: "1.7" }, entries: [] }).embedding).toBeNull();
    for (const bad of [
      { manifest: { schema_version: "2.0" }, entries: [] },
      { manifest: {}, entries: [] },
      { manifest: { schema_version: 1 }, entries: [] },
      { manifest },
      { entries: [] },
      [],
      null,
      "bundle",
    ]) {
      expect(errorOf(() => readTribalBundle(bad))).toMatchObject({ code: "import.invalid" });
    }
    expect(errorOf(() => parseTribalBundle('{"manifest": {'))).toMatchObject({ code: "import.invalid" });
    expect(String(errorOf(() => readTribalBundle({ manifest: { schema_version: "2.0" }, entries: [] })))).toContain(
      "2.x",
    );
  });

  test("any memories and vectors survive the way through a bundle", () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    const withVector = fc.tuple(arbitraryMemory, fc.option(fc.array(float, { minLength: 3, maxLength: 3 })));
    fc.assert(
      fc.property(fc.array(withVector, { maxLength: 5 }), (pairs) => {
        const vectors = new Map(pairs.map(([memory, vector]) => [memory, vector]));
        const memories = pairs.map(([memory]) => memory);
        const text = JSON.stringify(buildTribalBundle(memories, embedding, (memory) => vectors.get(memory) ?? null, 0));
        const read = parseTribalBundle(text);
        expect(read).toMatchObject({ embedding, problems: [] });
        expect(read.entries.map(({ vector }) => vector)).toEqual(pairs.map(([, vector]) => vector));
        expect(read.entries.map(({ draft }) => ({ ...draft, metadata: undefined }))).toEqual(
          memories.map((memory) => ({
            id: memory.id,
            content: memory.content,
            sourceInstance: memory.sourceInstance,
            sourceType: memory.sourceType,
            createdAt: memory.createdAt,
            updatedAt: memory.updatedAt,
            tags: memory.tags,
            context: memory.context,
            confidence: memory.confidence,
            supersedes: memory.supersedes,
            metadata: undefined,
          })),
        );
      }),
    );
  });
});
