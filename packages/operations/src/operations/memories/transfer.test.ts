import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { exportMemoriesPage } from "./export-page.ts";
import { exportMemories } from "./export.ts";
import { getMemory } from "./get.ts";
import { importMemories } from "./import.ts";
import { listMemories } from "./list.ts";
import { remember } from "./remember.ts";

const entry = (id: string, content: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  id,
  content,
  embedding: null,
  source_instance: "old-laptop",
  source_type: "user_explicit",
  created_at: "2025-05-01T10:00:00.123456+00:00",
  updated_at: "2025-05-02T10:00:00+00:00",
  tags: ["a"],
  context: null,
  confidence: 0.8,
  supersedes: null,
  related_to: [],
  ...changes,
});
const bundleOf = (
  entries: readonly unknown[],
  embedding: unknown = { model_name: "fake-16@1", dimensions: 16, provider: "testing" },
) => ({
  manifest: { schema_version: "1.0", embedding, memory_count: entries.length, exported_at: "2025-06-01T00:00:00" },
  entries,
});
const vector = Array.from({ length: 16 }, (_, index) => (index === 0 ? 3 : 0));

describe("import", () => {
  test("TEN-11 keeps ids, times, origin and tags", async () => {
    const { call } = setUpOperations();
    const answer = await call(importMemories, {
      bundle: bundleOf([entry("id-1", "From before."), entry("id-2", "Also.")]),
    });
    expect(answer).toMatchObject({
      success: true,
      total: 2,
      imported: 2,
      skipped: 0,
      overwritten: 0,
      errors: 0,
      dryRun: false,
      error: null,
    });
    expect(await call(getMemory, { id: "id-1" })).toMatchObject({
      content: "From before.",
      sourceInstance: "old-laptop",
      createdAt: "2025-05-01T10:00:00.123Z",
      updatedAt: "2025-05-02T10:00:00.000Z",
      tags: ["a"],
      confidence: 0.8,
    });
  });

  test.each([
    ["skip", "2026-01-01T00:00:00Z", { skipped: 1, overwritten: 0 }, "mine"],
    ["overwrite", "2020-01-01T00:00:00Z", { skipped: 0, overwritten: 1 }, "theirs"],
    ["merge", "2027-01-01T00:00:00Z", { skipped: 0, overwritten: 1 }, "theirs"],
    ["merge", "2020-01-01T00:00:00Z", { skipped: 1, overwritten: 0 }, "mine"],
  ])("meets an id that exists by %s (updated there %s)", async (conflictResolution, updated_at, counts, content) => {
    const { call } = setUpOperations();
    const { memoryId } = await call(remember, { content: "mine" });
    const bundle = bundleOf([entry(memoryId ?? "", "theirs", { updated_at })]);
    const foreseen = await call(importMemories, { bundle, conflictResolution, dryRun: true });
    expect(foreseen).toMatchObject({ ...counts, imported: 0, dryRun: true });
    expect(await call(getMemory, { id: memoryId })).toMatchObject({ content: "mine" });
    expect(await call(importMemories, { bundle, conflictResolution })).toMatchObject({ ...counts, imported: 0 });
    expect(await call(getMemory, { id: memoryId })).toMatchObject({ content });
  });

  test("changes nothing in a dry run", async () => {
    const { call, embedder } = setUpOperations();
    expect(await call(importMemories, { bundle: bundleOf([entry("x", "y")]), dryRun: true })).toMatchObject({
      imported: 1,
      dryRun: true,
    });
    expect((await call(listMemories, {})).memories).toEqual([]);
    expect(embedder.passageCalls).toEqual([]);
  });

  test("keeps vectors of the same model, at unit length, and makes others anew", async () => {
    const { call, embedder, services } = setUpOperations();
    const { id: space } = (await services.directory.resolve("default"))!;
    const bundle = bundleOf([
      entry("kept", "kept", { embedding: vector }),
      entry("bare", "bare"),
      entry("short", "short", { embedding: [1, 2] }),
    ]);
    const answer = await call(importMemories, { bundle });
    expect(answer).toMatchObject({ imported: 3, errors: 0, needsReembedding: true });
    expect(answer.errorDetails.join()).toContain("entries.2.embedding");
    expect(embedder.passageCalls).toEqual([["bare", "short"]]);
    const [kept] = await services.engine.read(space).vectors(["kept"]);
    expect(Array.from(kept?.[0] ?? [])).toEqual(vector.map((value) => value / 3));
  });

  test.each([
    ["auto", { model_name: "other", dimensions: 16 }],
    ["auto", { model_name: "fake-16@1", dimensions: 8 }],
    ["auto", null],
    ["drop", { model_name: "fake-16@1", dimensions: 16 }],
  ])("makes vectors anew with %s from %j", async (embeddingStrategy, model) => {
    const { call, embedder } = setUpOperations();
    const bundle = bundleOf([entry("a", "text", { embedding: vector })], model);
    expect(await call(importMemories, { bundle, embeddingStrategy })).toMatchObject({
      imported: 1,
      needsReembedding: true,
    });
    expect(embedder.passageCalls).toEqual([["text"]]);
  });

  test("insists on the same model with keep", async () => {
    const { call } = setUpOperations();
    const other = bundleOf([entry("a", "text", { embedding: vector })], { model_name: "other", dimensions: 16 });
    await expect(call(importMemories, { bundle: other, embeddingStrategy: "keep" })).rejects.toMatchObject({
      code: "import.invalid",
    });
    const same = bundleOf([entry("a", "text", { embedding: vector })]);
    expect(await call(importMemories, { bundle: same, embeddingStrategy: "keep" })).toMatchObject({
      imported: 1,
      needsReembedding: false,
    });
  });

  test("names what cannot be taken over, and takes the rest", async () => {
    const { call } = setUpOperations();
    const entries = [
      entry("ok", "fine"),
      entry("long", "x".repeat(50_001)),
      entry("nul", "a\0b"),
      { id: "no-content" },
      5,
    ];
    const answer = await call(importMemories, { bundle: bundleOf(entries) });
    expect(answer).toMatchObject({ success: true, total: 5, imported: 1, errors: 4 });
    expect(answer.errorDetails.join("\n")).toContain(
      "entry long: content must be 1 to 50000 characters; this has 50001",
    );
    expect(answer.errorDetails.join("\n")).toContain("entry nul: content must not hold the character U+0000");
  });

  test("MEM-6 takes drafts of other formats, and the same ones twice only once", async () => {
    const { call } = setUpOperations();
    const drafts = [
      {
        content: "From MEMORY.md",
        tags: ["notes"],
        createdAt: 1_700_000_000_000,
        decay: "normal",
        expiresAt: "2030-01-01T00:00:00Z",
      },
      { content: " " },
    ];
    expect(await call(importMemories, { drafts })).toMatchObject({
      total: 2,
      imported: 1,
      errors: 1,
      errorDetails: ["drafts.1: content must not be blank"],
    });
    expect(await call(importMemories, { drafts })).toMatchObject({ imported: 0, skipped: 1 });
    expect((await call(listMemories, {})).memories).toMatchObject([
      {
        content: "From MEMORY.md",
        sourceType: "unknown",
        createdAt: "2023-11-14T22:13:20.000Z",
        decay: "normal",
        expiresAt: "2030-01-01T00:00:00.000Z",
      },
    ]);
  });

  test.each([
    [{}, "request.invalid"],
    [{ bundle: {}, drafts: [] }, "request.invalid"],
    [{ bundle: "text" }, "import.invalid"],
    [{ bundle: {} }, "import.invalid"],
    [{ bundle: { manifest: { schema_version: "2.0" }, entries: [] } }, "import.invalid"],
    [{ bundle: bundleOf([]), conflictResolution: "win" }, "request.invalid"],
    [{ bundle: bundleOf([]), embeddingStrategy: "guess" }, "request.invalid"],
  ])("API-3 refuses %j", async (input, code) => {
    const { call } = setUpOperations();
    await expect(call(importMemories, input)).rejects.toMatchObject({ code });
  });
});

describe("export", () => {
  const filled = async () => {
    const setup = setUpOperations();
    for (const [day, tag] of [
      ["2026-03-01", "a"],
      ["2026-03-02", "b"],
      ["2026-03-03", "c"],
    ] as const) {
      setup.setNow(Date.parse(`${day}T12:00:00Z`));
      await setup.call(remember, { content: `on ${day}`, tags: [tag], context: "why" });
    }
    return setup;
  };

  test("TEN-11 comes back as it was by import elsewhere, vectors included", async () => {
    const { call } = await filled();
    const exported = await call(exportMemories, {});
    expect(exported).toMatchObject({
      success: true,
      memoryCount: 3,
      error: null,
      bundle: {
        manifest: { schema_version: "1.0", memory_count: 3, embedding: { model_name: "fake-16@1", dimensions: 16 } },
      },
    });
    const other = setUpOperations();
    expect(await other.call(importMemories, { bundle: exported.bundle, embeddingStrategy: "keep" })).toMatchObject({
      imported: 3,
      needsReembedding: false,
    });
    const again = await other.call(exportMemories, {});
    expect(again.bundle.entries).toEqual(exported.bundle.entries);
    expect(other.embedder.passageCalls).toEqual([]);
  });

  test.each([
    [{ tags: ["a", "c"] }, ["on 2026-03-01", "on 2026-03-03"]],
    [{ dateFrom: "2026-03-02" }, ["on 2026-03-02", "on 2026-03-03"]],
    [{ dateTo: "2026-03-02" }, ["on 2026-03-01", "on 2026-03-02"]],
    [{ dateTo: "2026-03-02T12:00:00Z" }, ["on 2026-03-01", "on 2026-03-02"]],
    [{ dateTo: "2026-03-02T11:59:59Z" }, ["on 2026-03-01"]],
    [{ dateFrom: "2026-03-03T12:00:00Z", dateTo: "2026-03-03T12:00:00Z" }, ["on 2026-03-03"]],
    [{ tags: [] }, ["on 2026-03-01", "on 2026-03-02", "on 2026-03-03"]],
  ])("keeps what passes %j", async (filter, contents) => {
    const { call } = await filled();
    const { bundle } = await call(exportMemories, filter);
    expect(bundle.entries.map(({ content }) => content)).toEqual(contents);
  });

  test("comes page by page, the same entries as in one piece", async () => {
    const { call } = await filled();
    const whole = await call(exportMemories, {});
    const entries: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: { readonly bundle: { readonly entries: readonly unknown[] }; readonly cursor: string | null } =
        await call(exportMemoriesPage, { limit: 2, cursor });
      entries.push(...page.bundle.entries);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(entries).toEqual(whole.bundle.entries);
  });

  test("API-3 refuses a date that is none", async () => {
    const { call } = setUpOperations();
    await expect(call(exportMemories, { dateFrom: "blue" })).rejects.toThrow("date_from must be");
  });
});
