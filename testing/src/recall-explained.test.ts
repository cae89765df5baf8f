/** That every explanation adds up to the score shown (REC-5): random spaces through the embedded engine, every mode. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calibrate } from "@cairn/memory/recall/fuse";
import { type PairScorer, rerankModes } from "@cairn/memory/recall/reranker";
import { rememberBatch } from "@cairn/operations/operations/memories/remember-batch";
import { recall } from "@cairn/operations/operations/recall/recall";
import { ingestSession } from "@cairn/operations/operations/sessions/ingest";
import { createSpace } from "@cairn/operations/operations/spaces/create";
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeFakeEmbedder } from "./fake-embedder.ts";
import { setUpOperations } from "./setup-operations.ts";

/** A probability that depends on the text alone, and is not what the first stage thinks. */
const pairScorer: PairScorer = {
  id: "lengths",
  score: async (_question, texts) => Float32Array.from(texts, (text) => (text.length % 17) / 16),
  close: async () => undefined,
};

const setUp = () => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-explained-"));
  const embedder = makeFakeEmbedder();
  const engine = openSqliteEngine({ folder, model: embedder.model, threads: 0 });
  return {
    ...setUpOperations({ engine, embedder, pairScorer }),
    [Symbol.asyncDispose]: async () => {
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const words = ["glacier", "violin", "harbour?", "Ann", "when", "two", "last week", "Porto", "bakery", "which", "moved"];
const text = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 8 }).map((list) => list.join(" "));
const memory = fc.record({
  content: text,
  author: fc.constantFrom("Ann", "Bo", null),
  sessionId: fc.constantFrom("one", "two", null),
  occurredAt: fc.constantFrom("2026-03-05T10:00:00Z", "2025-01-01T00:00:00Z", null),
  tags: fc.constantFrom(["a"], ["a", "b"], []),
});
const question = fc.record({
  query: text,
  limit: fc.integer({ min: 1, max: 12 }),
  minRelevance: fc.constantFrom(0, 0.05, 0.3),
  include: fc.constantFrom("memories", "sessions", "all"),
  context: fc.nat(2),
  tags: fc.constantFrom(undefined, ["a"]),
  rerank: fc.constantFrom(...rerankModes),
});

interface Part {
  readonly raw: number;
  readonly weight: number;
  readonly contribution: number;
}

const partsOf = (explained: object): readonly Part[] =>
  Object.values(explained).filter(
    (value): value is Part => typeof value === "object" && value !== null && "contribution" in value,
  );

/** The sum of the parts, each checked to be its raw value times its weight. */
const sumOf = (explained: object): number =>
  partsOf(explained).reduce((sum, { raw, weight, contribution }) => {
    expect(Math.abs(contribution - raw * weight)).toBeLessThan(1e-9);
    return sum + contribution;
  }, 0);

const near = (one: number, other: number): void => expect(Math.abs(one - other)).toBeLessThan(1e-9);

describe("explanations", () => {
  test("REC-4 REC-5 add up to the score shown, in order, whatever is stored and asked", async () => {
    await using setup = setUp();
    const { call } = setup;
    const seen = { none: 0, heuristic: 0, "cross-encoder": 0, session: 0, lifted: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(memory, { minLength: 1, maxLength: 25 }),
        fc.array(text, { maxLength: 4 }),
        fc.array(question, { minLength: 3, maxLength: 3 }),
        async (memories, turns, questions) => {
          const { id: space } = await call(createSpace, { name: crypto.randomUUID().replace("-", "x") });
          await call(rememberBatch, { memories: memories.map((one) => ({ ...one, skipDedup: true })), space });
          const messages = turns.map((content) => ({ role: "user", content, timestamp: "2026-03-05T10:00:00Z" }));
          if (messages.length > 0) await call(ingestSession, { sessionId: "talk", messages, space });
          for (const asked of questions) {
            const { results, rerank } = await call(recall, { ...asked, space, explain: true });
            expect(rerank).toBe(asked.rerank);
            expect(results.length).toBeLessThanOrEqual(asked.limit);
            const scores = results.map(({ similarityScore }) => similarityScore);
            expect(scores).toEqual(scores.toSorted((a, b) => b - a));
            for (const { explain, similarityScore, type } of results) {
              if (explain === undefined) throw new Error("Not explained.");
              near(sumOf(explain), explain.score);
              near(calibrate(explain.score), explain.similarity);
              expect(explain.similarity).toBeGreaterThanOrEqual(asked.minRelevance - 1e-12);
              const passed = [...(asked.tags === undefined ? [] : ["tags: a"]), `min_relevance: ${asked.minRelevance}`];
              expect(explain.filters).toEqual(expect.arrayContaining(passed));
              expect(explain.permission).not.toBe("");
              near(similarityScore, explain.rerank?.similarity ?? explain.similarity);
              seen[asked.rerank]++;
              if (type === "session") seen.session++;
              if (explain.rerank === undefined) {
                expect(asked.rerank).toBe("none");
                continue;
              }
              expect(explain.rerank.mode).toBe(asked.rerank);
              near(sumOf(explain.rerank.signals), explain.rerank.score);
              const first = explain.rerank.signals["first"]?.raw ?? Number.NaN;
              const heuristic = asked.rerank === "heuristic";
              near(first, heuristic ? explain.score : explain.similarity);
              near(explain.rerank.similarity, heuristic ? calibrate(explain.rerank.score) : explain.rerank.score);
              if (heuristic && explain.rerank.score > first) seen.lifted++;
            }
          }
        },
      ),
      { numRuns: 25 },
    );
    for (const [what, count] of Object.entries(seen)) expect([what, count > 0]).toEqual([what, true]);
  });
});
