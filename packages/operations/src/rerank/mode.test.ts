import type { PairScorer, RerankMode } from "@cairn/memory/recall/reranker";
import { makeFakeSpaceDirectory } from "@cairn/testing/fake-space-directory";
import { describe, expect, test } from "vitest";
import { rerankMode } from "./mode.ts";

const scorer: PairScorer = { id: "pairs", score: async () => new Float32Array(), close: async () => undefined };

const setUp = async (server: RerankMode, pairScorer: PairScorer | null = scorer) => {
  const directory = makeFakeSpaceDirectory();
  const space = async (name: string, rerank: RerankMode | null) =>
    (await directory.create({ name, description: null, rerank })).id;
  const mode = (asked: RerankMode | null, spaces: readonly string[]) =>
    rerankMode({ directory, pairScorer, settings: { rerank: server } }, asked, spaces);
  return { space, mode };
};

describe("which reranking a recall gets", () => {
  test("REC-4 is the call's, else the space's, else the server's", async () => {
    const { space, mode } = await setUp("cross-encoder");
    const [own, plain] = [await space("own", "heuristic"), await space("plain", null)];
    expect(await mode("none", [own])).toBe("none");
    expect(await mode("cross-encoder", [own])).toBe("cross-encoder");
    expect(await mode(null, [own])).toBe("heuristic");
    expect(await mode(null, [plain])).toBe("cross-encoder");
    expect(await mode(null, [await space("off", "none")])).toBe("none");
  });

  test("REC-4 REC-7 of spaces that are set differently is the server's", async () => {
    const { space, mode } = await setUp("none");
    const [one, two] = [await space("one", "heuristic"), await space("two", "heuristic")];
    expect(await mode(null, [one, two])).toBe("heuristic");
    expect(await mode(null, [one, await space("plain", null)])).toBe("none");
    expect(await mode(null, [one, await space("pairs", "cross-encoder")])).toBe("none");
  });

  test("REC-4 says what to do when a call names a cross-encoder that is not there; a setting gives way", async () => {
    const { space, mode } = await setUp("cross-encoder", null);
    const set = await space("set", "cross-encoder");
    await expect(mode("cross-encoder", [set])).rejects.toMatchObject({
      code: "reranker.unavailable",
      data: { hint: expect.stringContaining("CAIRN_RERANKER") as string },
    });
    expect(await mode(null, [set])).toBe("none");
    expect(await mode(null, [await space("plain", null)])).toBe("none");
    expect(await mode("heuristic", [set])).toBe("heuristic");
  });
});
