import { describe, expect, test } from "vitest";
import { isCairnError } from "@cairn/kernel/error";
import type { PairScorer } from "@cairn/memory/recall/reranker";
import { makeTinyPairModel, makeTinyTextModel, tinyId, type TinyPairOptions } from "../fixtures/tiny-model.ts";
import { openPairModel } from "./pair-model.ts";

const unruly = new URL("../fixtures/unruly-runtime.ts", import.meta.url).href;

const opened = async (options: TinyPairOptions = {}) => {
  await using files = await makeTinyPairModel(options);
  const scorer: PairScorer = await openPairModel({ folder: files.folder });
  return { scorer, [Symbol.asyncDispose]: scorer.close };
};
const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit));
const codeOf = (error: unknown): string => (isCairnError(error) ? error.code : String(error));

describe("REC-4: a cross-encoder", () => {
  test.each([1, 2] as const)(
    "REC-4: scores of a model of %i classes are the logistic of its answer, in order",
    async (classes) => {
      await using setup = await opened({ classes });
      // The tiny model's answer is the number of the question's words that the text has, less one.
      const texts = ["bread", "cat sofa bread", "piano", "sofa cat"];
      const scores = await setup.scorer.score("cat sofa bread", texts);
      expect(scores).toBeInstanceOf(Float32Array);
      expect(Array.from(scores, (score) => score.toFixed(5))).toEqual(
        [0, 2, -1, 1].map((logit) => logistic(logit).toFixed(5)),
      );
    },
  );

  test("REC-4: a long text gives way to the question, a long question to half of the text", async () => {
    await using setup = await opened();
    const ask = async (question: string, text: string) => (await setup.scorer.score(question, [text]))[0];
    const last = "cat ".repeat(200) + "piano";
    expect(await ask(last, "bread ".repeat(2_000) + "piano")).toBeCloseTo(logistic(-1), 5);
    expect(await ask(last, `piano ${"bread ".repeat(2_000)}`)).toBeCloseTo(logistic(0), 5);
    // 509 pieces beside [CLS] and two [SEP]: of a question at most 254 are read.
    expect(await ask("cat ".repeat(253) + "piano", "piano")).toBeCloseTo(logistic(0), 5);
    expect(await ask("cat ".repeat(254) + "piano", "piano")).toBeCloseTo(logistic(-1), 5);
  });

  test("REC-4: no texts, empty texts, special tokens in them", async () => {
    await using setup = await opened();
    expect(await setup.scorer.score("cat", [])).toHaveLength(0);
    const scores = await setup.scorer.score("cat", ["", "[SEP] cat [SEP]", "\0"]);
    expect(Array.from(scores, (score) => score.toFixed(4))).toEqual(
      [-1, 0, -1].map((logit) => logistic(logit).toFixed(4)),
    );
    expect((await setup.scorer.score("", ["cat"]))[0]).toBeCloseTo(logistic(-1), 5);
  });

  test("REC-4: its name is the same for the same files, another for others", async () => {
    await using one = await opened();
    await using same = await opened();
    await using other = await opened({ classes: 2 });
    expect(same.scorer.id).toBe(one.scorer.id);
    expect(other.scorer.id).not.toBe(one.scorer.id);
    expect(one.scorer.id).toMatch(/^tiny-pair@[0-9a-f]{12}$/u);
  });

  test("REC-4: what cannot be opened is a coded error", async () => {
    await using files = await makeTinyPairModel();
    await using embedder = await makeTinyTextModel({ tokenTypes: true });
    const failures = await Promise.allSettled([
      openPairModel({ folder: `${files.folder}/nowhere` }),
      openPairModel({ folder: files.folder, runtime: "cairn-no-such-package" }),
      openPairModel({ folder: embedder.folder }),
    ]);
    expect(failures.map((failed) => (failed.status === "rejected" ? codeOf(failed.reason) : "opened"))).toEqual([
      "reranker.unavailable",
      "reranker.unavailable",
      "model.invalid",
    ]);
  });

  test("REC-4: a thread that ends, nonsense as an answer, a closed model: all are reranker.unavailable", async () => {
    await using files = await makeTinyPairModel();
    await files.write("model.onnx", JSON.stringify({ ends: tinyId("friday"), fails: tinyId("bread") }));
    const scorer = await openPairModel({ folder: files.folder, runtime: unruly });
    const code = (work: Promise<unknown>) => work.then(() => "answered", codeOf);
    expect(await code(scorer.score("cat", ["bread"]))).toBe("reranker.unavailable");
    expect(await code(scorer.score("cat", ["friday"]))).toBe("reranker.unavailable");
    expect(await code(scorer.score("cat", ["sofa"]))).toBe("answered");
    await scorer.close();
    await scorer.close();
    expect(await code(scorer.score("cat", ["sofa"]))).toBe("reranker.unavailable");
  });

  test("REC-4: a call that is off need not begin", async () => {
    await using setup = await opened();
    const gone = new AbortController();
    const first = setup.scorer.score("cat", ["sofa"]);
    const second = setup.scorer.score("cat", ["sofa"], gone.signal);
    gone.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    expect(await first).toHaveLength(1);
  });
});
