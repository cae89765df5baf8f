import { pickBest, rank, type RankRequest } from "@cairn/memory/recall/rank";
import { tuning } from "@cairn/memory/recall/tuning";
import { describe, expect, test } from "vitest";
import { quantizeRow } from "./quantize.ts";
import { makeArena } from "./fixtures/lone-arena.ts";
import { makeRandom, unitVector } from "./fixtures/random-vectors.ts";
import { makeVectorSet } from "./vector-set.ts";

const dims = 256;
const docs = tuning.sketchFrom + 1_000;

describe("ranking in a large space", () => {
  const random = makeRandom(11);
  const next = (): number => random() + 0.5;
  const unit = (): Float32Array => unitVector(random, dims);
  const vectors = makeVectorSet(makeArena(), dims);
  for (let doc = 0; doc < docs; doc++) {
    const { bytes, scale } = quantizeRow(unit());
    vectors.add(doc, bytes, scale);
  }
  const base = Float32Array.from({ length: docs }, () => (next() < 0.02 ? next() * 0.4 : 0));
  const share = Float32Array.from({ length: docs }, () => 0.4 * Math.sqrt(next()));
  const all = new Uint8Array(docs).fill(1);
  const some = Uint8Array.from(all, () => (next() < 0.5 ? 1 : 0));
  const few = Uint8Array.from(all, () => (next() < 0.01 ? 1 : 0));

  const both = (mask: Uint8Array, least: number) => {
    const request: RankRequest = {
      docs,
      mask,
      base,
      share,
      dense: new Float32Array(docs),
      query: unit(),
      least,
      best: 16,
    };
    const estimated = rank(vectors, request);
    const dense = new Float32Array(docs);
    vectors.scan(request.query, mask, docs, dense);
    return { estimated, exact: pickBest({ ...request, dense }) };
  };

  test.each([
    ["everything", all, 0],
    ["half of it", some, 0],
    ["what a filter leaves", few, 0],
    ["only what is relevant enough", all, 0.42],
  ] as const)("REC-1 ENG-7 estimating first gives the same best as scoring everything: %s", (_, mask, least) => {
    for (let question = 0; question < 10; question++) {
      const { estimated, exact } = both(mask, least);
      expect(estimated.best).toEqual(exact.best);
    }
  });

  test("REC-2 a filter that leaves fewer than asked for returns them all", () => {
    const five = new Uint8Array(docs);
    for (const doc of [3, 999, 5_000, 20_000, docs - 1]) five[doc] = 1;
    expect(
      both(five, 0)
        .estimated.best.map(({ item }) => item)
        .toSorted((a, b) => a - b),
    ).toEqual([3, 999, 5_000, 20_000, docs - 1]);
  });
});
