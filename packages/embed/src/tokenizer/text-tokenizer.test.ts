import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCairnError } from "@cairn/kernel/error";
import { sharedStaticTable, vocabularyOf } from "../static/table.ts";
import { makeTextTokenizer } from "./text-tokenizer.ts";

interface ReferenceCase {
  readonly text: string;
  readonly ids: readonly number[];
}
const reference = JSON.parse(
  readFileSync(new URL("../static/fixtures/wordpiece-ids.json", import.meta.url), "utf8"),
) as readonly ReferenceCase[];

/** The vocabulary of bert-base-uncased, which the built-in model ships. */
const vocabulary = vocabularyOf(sharedStaticTable());
const idOf = new Map(vocabulary.map((piece, id) => [piece, id]));
const specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const json = {
  added_tokens: specials.map((content) => ({ id: idOf.get(content), content, special: true, normalized: false })),
  normalizer: {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: { type: "BertProcessing", sep: ["[SEP]", 102], cls: ["[CLS]", 101] },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(idOf),
  },
};
const { pieces, framing } = makeTextTokenizer(json);
const invalid = (error: unknown): boolean => isCairnError(error) && error.code === "model.invalid";

describe("EMB-2: from text to ids", () => {
  // The reference was made with special names read as such where they stand in a text; here they are plain text.
  test.each(reference.filter(({ text }) => !specials.some((special) => text.includes(special))))(
    "EMB-2: $text",
    ({ text, ids }) => expect(pieces(text).ids).toEqual(ids),
  );

  test("EMB-2: hello world, framed, has the ids that the model's authors give", () => {
    expect(framing.single(pieces("hello world").ids).ids).toEqual([101, 7592, 2088, 102]);
  });

  test("EMB-2: special tokens cannot be written", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...specials, " "), fc.string()), { maxLength: 6 }), (parts) => {
        const { ids } = pieces(parts.join(""));
        expect(ids.filter((id) => [0, 101, 102, 103].includes(id))).toEqual([]);
      }),
    );
  });

  test("EMB-2: pieces inside a word go on with it", () => {
    const { ids, continues } = pieces("tokenization works");
    expect(ids.map((_, at) => continues(at))).toEqual([false, true, false]);
  });

  test("EMB-2: with a tokenizer that marks words' starts, pieces without the mark go on", () => {
    const unigram = makeTextTokenizer({
      added_tokens: [
        { id: 0, content: "<s>", special: true },
        { id: 1, content: "</s>", special: true },
      ],
      normalizer: null,
      pre_tokenizer: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always" },
      post_processor: { type: "RobertaProcessing", sep: ["</s>", 1], cls: ["<s>", 0] },
      decoder: null,
      model: {
        type: "Unigram",
        unk_id: 2,
        vocab: [
          ["<s>", 0],
          ["</s>", 0],
          ["<unk>", 0],
          ["\u2581fer", -1],
          ["ry", -1],
          ["\u2581late", -1],
        ],
      },
    });
    const { ids, continues } = unigram.pieces("ferry late");
    expect(ids).toEqual([3, 4, 5]);
    expect(ids.map((_, at) => continues(at))).toEqual([false, true, false]);
    // A name of a special token is in the vocabulary, and still no special token comes of it.
    expect(unigram.pieces("<s>").ids).not.toContain(0);
  });

  test.each<[what: string, value: unknown]>([
    ["nothing", null],
    ["a list", []],
    ["no model", { post_processor: json.post_processor }],
    ["a model of no known kind", { ...json, model: { type: "Guess" } }],
    ["no way to frame a text", { ...json, post_processor: { type: "ByteLevel" } }],
  ])("EMB-2: %s is a coded error", (_, value) => {
    expect(() => makeTextTokenizer(value)).toThrow(expect.toSatisfy(invalid));
  });
});
