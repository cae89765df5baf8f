import { CairnError } from "@cairn/kernel/error";
import type { PairScorer } from "@cairn/memory/recall/reranker";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentOf, type Found } from "./found.ts";
import { chunkFound, memoryFound } from "./found.fixture.ts";
import { pairText, poolSize, rerank } from "./rerank.ts";

const contents = (found: readonly Found[]): readonly string[] => found.map(contentOf);

/** A cross-encoder that gives each text the score that stands in it. */
const scorer = (more: Partial<PairScorer> = {}): PairScorer => ({
  id: "pairs",
  score: async (_question, texts) => Float32Array.from(texts, (text) => Number(/0\.\d+|1/u.exec(text)?.[0] ?? 0)),
  close: async () => undefined,
  ...more,
});

const asked = { question: "what", leftMs: null } as const;

describe("reranking", () => {
  test("REC-4 none leaves everything as it is", async () => {
    const found = [memoryFound("a", 0.9), memoryFound("b", 0.8)];
    const answer = await rerank(scorer(), { ...asked, mode: "none" }, found);
    expect(answer).toEqual({ found, applied: "none" });
    expect(answer.found).toBe(found);
  });

  test("REC-4 REC-5 the cross-encoder counts half, scores fall with the order, and the explanation adds up", async () => {
    const found = [memoryFound("says 0.1", 0.9), memoryFound("says 0.9", 0.6), chunkFound("says 0.95", 0.5)];
    const { found: ordered, applied } = await rerank(scorer(), { ...asked, mode: "cross-encoder" }, found);
    expect(applied).toBe("cross-encoder");
    expect(contents(ordered)).toEqual(["says 0.9", "says 0.95", "says 0.1"]);
    expect(ordered[0]?.hit.similarity).toBeCloseTo(0.75, 6);
    expect(ordered[0]?.hit.explain).toMatchObject({
      similarity: 0.6,
      rerank: { mode: "cross-encoder", signals: { first: { raw: 0.6, weight: 0.5, contribution: 0.3 } } },
    });
  });

  test("REC-4 the cross-encoder reads who said it and when, not more than it can", () => {
    const at = Date.UTC(2024, 4, 8, 12);
    expect(pairText(memoryFound("Tea.", 1, { author: "Ann", occurredAt: at }))).toBe("[08 May 2024] Ann: Tea.");
    expect(pairText(memoryFound("Tea.", 1))).toBe("Tea.");
    expect(pairText(chunkFound("user: tea", 1))).toBe("[08 May 2024] user: tea");
    expect(pairText(memoryFound("x".repeat(50_000), 1))).toHaveLength(4_000);
  });

  test("REC-4 the heuristic reads the turn before, and keeps to 0..1 whatever the first stage gave", async () => {
    const question = memoryFound("Which tea do you like?", 0.7, { author: "Bo" });
    const other = memoryFound("It rains.", 0.5);
    const answer = memoryFound("Oolong!", 0.5, { id: "z", author: "Ann", sessionSeq: 2 });
    const before = { ...(question.hit.type === "memory" ? question.hit.memory : null), sessionSeq: 1 };
    const after = { ...before, id: "later", sessionSeq: 3, content: "Good?" };
    const linked = { ...answer, hit: { ...answer.hit, neighbours: [before, after] } } as Found;
    const asking = { question: "Which tea does Ann like?", leftMs: 1_000, mode: "heuristic" } as const;
    const { found, applied } = await rerank(null, asking, [question, other, linked]);
    expect(applied).toBe("heuristic");
    expect(contents(found)).toEqual(["Which tea do you like?", "Oolong!", "It rains."]);
    const [sure] = (await rerank(null, asking, [memoryFound("Which tea?", 1), memoryFound("no", 0)])).found;
    expect(sure?.hit.similarity).toBeLessThanOrEqual(1);
    expect(sure?.hit.similarity).toBeGreaterThan(0.9);
  });

  test("REC-4 REC-5 orders without losing anything, by falling scores that add up, in every mode", async () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const text = fc.array(fc.constantFrom("cat", "two", "when?", "0.5", "0.25", "Porto", "last week"), {
      maxLength: 6,
    });
    const lists = fc
      .array(fc.record({ share, text, session: fc.boolean() }), { maxLength: 12 })
      .map((list) =>
        list
          .toSorted((a, b) => b.share - a.share)
          .map((one, at) => (one.session ? chunkFound : memoryFound)(`${at} ${one.text.join(" ")}`, one.share)),
      );
    await fc.assert(
      fc.asyncProperty(
        lists,
        text,
        fc.constantFrom("none" as const, "heuristic" as const, "cross-encoder" as const),
        async (found, words, mode) => {
          const answer = await rerank(scorer(), { mode, question: words.join(" "), leftMs: null }, found);
          expect(answer.applied).toBe(mode);
          expect(contents(answer.found).toSorted()).toEqual(contents(found).toSorted());
          const scores = answer.found.map(({ hit }) => hit.similarity);
          expect(scores).toEqual(scores.toSorted((a, b) => b - a));
          for (const { hit } of answer.found) {
            expect(hit.similarity).toBeGreaterThanOrEqual(0);
            expect(hit.similarity).toBeLessThanOrEqual(1);
            const told = hit.explain?.rerank;
            expect(told?.mode).toBe(mode === "none" ? undefined : mode);
            if (told === undefined) continue;
            const sum = Object.values(told.signals).reduce((total, { raw, weight }) => total + raw * weight, 0);
            expect(Math.abs(sum - told.score)).toBeLessThan(1e-9);
            expect(Math.abs(hit.similarity - told.similarity)).toBeLessThan(1e-9);
          }
        },
      ),
    );
  });

  test.each([
    ["fails", () => Promise.reject(new CairnError("reranker.unavailable", "It is gone."))],
    ["answers with too few scores", async () => new Float32Array(1)],
    ["answers with nonsense", async () => Float32Array.from([0.5, Number.NaN])],
  ])("REC-4 keeps the first order when the model %s, and says so", async (_what, score) => {
    const found = [memoryFound("says 0.1", 0.9), memoryFound("says 0.9", 0.6)];
    const answer = await rerank(scorer({ score }), { ...asked, mode: "cross-encoder" }, found);
    expect(answer).toEqual({ found, applied: "none" });
  });

  test("REC-4 does not hide a fault that is none of the model's", async () => {
    const broken = scorer({ score: () => Promise.reject(new TypeError("a bug")) });
    await expect(rerank(broken, { ...asked, mode: "cross-encoder" }, [memoryFound("a", 1)])).rejects.toThrow("a bug");
  });

  test("REC-6 keeps the first order when time is up, and tells the model to stop", async () => {
    const found = [memoryFound("says 0.1", 0.9), memoryFound("says 0.9", 0.6)];
    let stopped: AbortSignal | undefined;
    const slow = scorer({
      score: (_question, _texts, signal) => {
        stopped = signal;
        return new Promise(() => undefined);
      },
    });
    const late = await rerank(slow, { question: "what", mode: "cross-encoder", leftMs: 30 }, found);
    expect(late).toEqual({ found, applied: "none" });
    expect(stopped?.aborted).toBe(true);
    for (const mode of ["heuristic", "cross-encoder"] as const) {
      expect(await rerank(scorer(), { question: "what", mode, leftMs: 0 }, found)).toEqual({ found, applied: "none" });
    }
  });

  test("REC-4 looks at three times what is asked for, within reason, and at no more than that without reranking", () => {
    const size = (limit: number) => poolSize(limit, "heuristic", "memories");
    expect([size(1), size(10), size(20), size(50), size(200)]).toEqual([30, 30, 60, 100, 200]);
    expect(poolSize(5, "none", "memories")).toBe(5);
    expect(poolSize(5, "none", "sessions")).toBe(5);
    expect(poolSize(5, "none", "all")).toBe(10);
  });
});
