import { readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { normalizeForBert, splitForBert } from "./bert-normalizer.ts";
import { sharedStaticTable, vocabularyOf } from "./table.ts";
import { makeWordPiece } from "./wordpiece.ts";

interface ReferenceCase {
  readonly text: string;
  readonly ids: readonly number[];
}

/** Ids that `@huggingface/tokenizers` 0.2.0 gives with the tokenizer of all-MiniLM-L6-v2, special tokens left off. */
const reference = JSON.parse(
  readFileSync(new URL("./fixtures/wordpiece-ids.json", import.meta.url), "utf8"),
) as readonly ReferenceCase[];

const vocabulary = vocabularyOf(sharedStaticTable());
const idOf = new Map(vocabulary.map((piece, id) => [piece, id]));
const tokenizer = makeWordPiece(vocabulary);
const pieces = (text: string) => Array.from(tokenizer.encode(text), (id) => vocabulary[id]);

/** The definition without fast paths, cache or scratch space, to hold the tokenizer against. */
const plainEncode = (text: string): readonly number[] =>
  splitForBert(normalizeForBert(text)).flatMap((word) => {
    const ids: number[] = [];
    if ([...word].length > 100) return [tokenizer.unknownId];
    for (let at = 0; at < word.length;) {
      let end = word.length;
      const name = () => (at === 0 ? "" : "##") + word.slice(at, end);
      while (end > at && !idOf.has(name())) end -= 1;
      if (end === at) return [tokenizer.unknownId];
      ids.push(idOf.get(name()) as number);
      at = end;
    }
    return ids;
  });

const messyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...vocabulary.filter((piece) => !piece.startsWith("[")).slice(0, 5_000)),
      fc.constantFrom(" ", "\t", "\u00a0", "\u2028", "Σ", "ß", "İ", "\u0301", "’", "中", "\ud800", "\0", "\u200b"),
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.string({ maxLength: 12 }),
    ),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(""));

describe("WordPiece", () => {
  test.each(reference)("EMB-1: tokenizes like the reference: $text", ({ text, ids }) => {
    expect(Array.from(tokenizer.encode(text))).toEqual(ids);
  });

  test("EMB-1: any text gives the pieces of the plain definition, also from the cache", () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const expected = plainEncode(text);
        expect(Array.from(tokenizer.encode(text))).toEqual(expected);
        expect(Array.from(tokenizer.scan(text))).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  test("EMB-1: the longest piece wins and the rest of a word continues it", () => {
    expect(pieces("Unaffable")).toEqual(["una", "##ffa", "##ble"]);
    const ids = tokenizer.encode("Unaffable!");
    expect(Array.from(ids, tokenizer.isContinuation)).toEqual([false, true, true, false]);
  });

  test("EMB-1: ideographs beyond the basic plane are words of their own", () => {
    expect(pieces("a\u{20000}b")).toEqual(["a", "[UNK]", "b"]);
  });

  test("EMB-1: names of control tokens inside a text are plain text", () => {
    expect(pieces("[CLS] [UNK]")).toEqual(["[", "cl", "##s", "]", "[", "un", "##k", "]"]);
  });

  test("EMB-1: a limit keeps the first pieces", () => {
    const text = "The quick, brown fox (naïve) jumps.";
    for (const limit of [0, 1, 3, 7, 100])
      expect(Array.from(tokenizer.encode(text, limit))).toEqual(Array.from(tokenizer.encode(text)).slice(0, limit));
  });

  test("EMB-1: a text of a million characters, and the short one after it, are tokenized whole", () => {
    expect(tokenizer.encode("over and ".repeat(111_112))).toHaveLength(222_224);
    expect(pieces("and over")).toEqual(["and", "over"]);
    expect(pieces("é".repeat(1_000_000))).toEqual(["[UNK]"]);
  });

  test("EMB-1: a vocabulary without [UNK] is refused", () => {
    expect(() => makeWordPiece(["a", "b"])).toThrow(RangeError);
  });
});
