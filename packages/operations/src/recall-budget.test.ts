import { isDeepStrictEqual } from "node:util";
import type { Memory } from "@cairn/memory/memory/memory";
import type { RecallHit, SessionChunk } from "@cairn/memory/recall/query";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokensOf, withinBudget } from "./recall-budget.ts";

const memoryOf = (characters: number): Memory => ({ content: "x".repeat(characters) }) as Memory;
const chunkOf = (characters: number): SessionChunk => ({ content: "x".repeat(characters) }) as SessionChunk;
const passageOf = (characters: number, neighbours: readonly number[] = []): { readonly hit: RecallHit } => ({
  hit: { type: "session", chunk: chunkOf(characters), similarity: 1, neighbours: neighbours.map(chunkOf) },
});
const textsOf = (hit: RecallHit): readonly { readonly content: string }[] => [
  hit.type === "memory" ? hit.memory : hit.chunk,
  ...hit.neighbours,
];
const hitOf = (characters: number, neighbours: readonly number[] = []): { readonly hit: RecallHit } => ({
  hit: {
    type: "memory",
    memory: memoryOf(characters),
    similarity: 1,
    neighbours: neighbours.map(memoryOf),
    conflicts: [],
    stale: false,
  },
});

describe("a token budget", () => {
  test("REC-6 is never exceeded, and keeps a beginning of the list", () => {
    const one = fc.tuple(fc.nat(200), fc.array(fc.nat(200), { maxLength: 3 }), fc.boolean());
    const lists = fc.array(one, { maxLength: 10 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 200 }), (given, budget) => {
        const found = given.map(([own, neighbours, said]) => (said ? passageOf : hitOf)(own, neighbours));
        const { hits, tokens, cut } = withinBudget(found, budget);
        const spent = hits.flatMap(({ hit }) => textsOf(hit));
        expect(tokens).toBe(spent.reduce((sum, { content }) => sum + tokensOf(content), 0));
        expect(tokens).toBeLessThanOrEqual(budget);
        expect(hits.map(({ hit }) => textsOf(hit)[0])).toEqual(
          found.slice(0, hits.length).map(({ hit }) => textsOf(hit)[0]),
        );
        expect(cut || isDeepStrictEqual(hits, found)).toBe(true);
      }),
    );
  });

  test("REC-6 keeps the first result when it fits, without its neighbours if need be", () => {
    for (const make of [hitOf, passageOf]) {
      const { hits, tokens, cut } = withinBudget([make(40, [400]), make(40)], 10);
      expect(hits).toHaveLength(1);
      expect(hits[0]?.hit).toMatchObject({ neighbours: [] });
      expect([tokens, cut]).toEqual([10, true]);
    }
  });

  test("REC-6 does not let something smaller from further down in", () => {
    expect(withinBudget([hitOf(40), hitOf(400), hitOf(4)], 20).hits).toHaveLength(1);
  });

  test("absent cuts nothing", () => {
    expect(withinBudget([hitOf(50_000), hitOf(50_000)])).toMatchObject({ tokens: 25_000, cut: false });
  });
});
