import { describe, expect, test } from "vitest";

import { dot, passage } from "@cairn/testing/embedder-conformance";

import { chunkPieces, makeStaticEncoder, queryPieces } from "./embed.ts";
import { sharedStaticTable, vocabularyOf } from "./table.ts";
import { makeWordPiece } from "./wordpiece.ts";

const table = sharedStaticTable();
const encoder = makeStaticEncoder(table);
const tokenizer = makeWordPiece(vocabularyOf(table));

/** The formula written down plainly: Σ scale[id] · row[id] without [UNK], then unit length. */
const formula = (...texts: readonly string[]): readonly number[] => {
  const rows = new Int8Array(table.weights);
  const scales = new Float32Array(table.scales);
  const ids = texts.flatMap((text) => Array.from(tokenizer.encode(text))).filter((id) => id !== tokenizer.unknownId);
  const sum = Array.from({ length: table.dimensions }, (_, axis) =>
    ids.reduce((total, id) => total + (scales[id] ?? 0) * (rows[id * table.dimensions + axis] ?? 0), 0),
  );
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
};

/** The largest difference on any axis; infinite when there is no vector. */
const difference = (vector: Float32Array | undefined, expected: readonly number[]): number =>
  vector === undefined ? Infinity : Math.max(...expected.map((value, axis) => Math.abs(value - (vector[axis] ?? NaN))));

const rounding = 1e-6;

const pairs = [
  ["I adopted a puppy last weekend.", "We brought home a young dog on Saturday.", "The printer is out of ink again."],
  [
    "The meeting was moved to Tuesday.",
    "Our appointment got rescheduled by a day.",
    "She plays the violin beautifully.",
  ],
  ["He cannot eat peanuts.", "He has an allergy to nuts.", "The bridge was closed for repairs."],
  ["My sister is expecting a baby.", "Her sibling is pregnant.", "Interest rates fell in the spring."],
  ["The server crashed during the night.", "The machine went down around midnight.", "Grandma bakes an apple pie."],
  ["We should use PostgreSQL as the database.", "Let's store the data in SQL.", "The hikers reached the summit."],
  ["The car would not start this morning.", "My vehicle's engine failed today.", "They painted the bedroom blue."],
  ["She got a raise at work.", "Her salary went up at the company.", "The lake froze over in January."],
  ["The doctor told me to rest.", "My physician recommended sleep.", "The train tickets were expensive to print."],
  ["Prices of houses keep climbing.", "Real estate is becoming more expensive.", "Our cat chased a butterfly."],
] as const;

describe("the built-in model", () => {
  test("EMB-1: gives real similarity: paraphrases beat unrelated sentences in at least nine of ten cases", () => {
    const won = pairs.filter(([sentence, paraphrase, unrelated]) => {
      const query = encoder.encodeQuery(sentence);
      const near = encoder.encodePassage(passage(paraphrase))[0] as Float32Array;
      const far = encoder.encodePassage(passage(unrelated))[0] as Float32Array;
      return dot(query, near) > dot(query, far) + 0.05;
    });
    expect(won.length).toBeGreaterThanOrEqual(9);
  });

  test("EMB-1: the vector is the scaled sum of the rows, of unit length", () => {
    expect(
      difference(encoder.encodeQuery("The quick brown fox, naïve."), formula("The quick brown fox, naïve.")),
    ).toBeLessThan(rounding);
    expect(difference(encoder.encodeQuery("fox 😀😀 fox"), formula("fox fox"))).toBeLessThan(rounding);
  });

  test('EMB-1: a passage reads "author: text", a question has no prefix', () => {
    expect(difference(encoder.encodePassage(passage("It rained.", "Ada"))[0], formula("Ada: It rained."))).toBeLessThan(
      rounding,
    );
    expect(encoder.encodePassage(passage("It rained."))[0]).toEqual(encoder.encodeQuery("It rained."));
    expect(encoder.encodePassage(passage("It rained.", ""))).toEqual(encoder.encodePassage(passage("It rained.")));
  });

  test("EMB-1: a long text is cut evenly and every chunk has the author", () => {
    const half = "rain ".repeat(150);
    const [first, second, ...others] = encoder.encodePassage(passage(half + "sun ".repeat(150)));
    expect(difference(first, formula(half))).toBeLessThan(rounding);
    expect(difference(second, formula("sun ".repeat(150)))).toBeLessThan(rounding);
    expect(others).toEqual([]);

    const full = "rain ".repeat(chunkPieces - 2);
    expect(encoder.encodePassage(passage(full, "Ada"))).toHaveLength(1);
    const cut = encoder.encodePassage(passage(`${full}rain`, "Ada"));
    expect(cut).toHaveLength(2);
    expect(difference(cut[1], formula("Ada:", "rain ".repeat(126)))).toBeLessThan(rounding);
  });

  test("EMB-1: chunks of nothing known are left out, and an author alone is no vector", () => {
    expect(encoder.encodePassage(passage("😀 ".repeat(254) + "rain ".repeat(254), "Ada")).length).toBeLessThan(4);
    expect(encoder.encodePassage(passage("😀", "Ada"))).toEqual([]);
    expect(encoder.encodePassage(passage("", "Ada"))).toEqual([]);
  });

  test("EMB-1: an endless author leaves room for what was said", () => {
    const [vector] = encoder.encodePassage(passage("rain", "Ada ".repeat(5_000)));
    expect(difference(vector, formula("ada ".repeat(64), "rain"))).toBeLessThan(rounding);
  });

  test("EMB-1: of a huge question only the beginning is read", () => {
    const begin = "rain ".repeat(queryPieces);
    expect(encoder.encodeQuery(begin + "sun ".repeat(5_000))).toEqual(encoder.encodeQuery(begin));
    expect(encoder.encodeQuery(`${"x".repeat(5_000_000)} sun`).every((value) => value === 0)).toBe(true);
  });

  test("EMB-1: an earlier text leaves nothing behind", () => {
    const before = encoder.encodeQuery("a calm sea");
    encoder.encodePassage(passage("😀 storm ".repeat(900), "Ada"));
    encoder.encodeQuery("\ud800");
    expect(encoder.encodeQuery("a calm sea")).toEqual(before);
  });
});
