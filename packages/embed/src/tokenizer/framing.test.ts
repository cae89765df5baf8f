import { describe, expect, test } from "vitest";
import { readFraming } from "./framing.ts";

const bert = { type: "BertProcessing", cls: ["[CLS]", 101], sep: ["[SEP]", 102] };
const template = {
  type: "TemplateProcessing",
  single: [
    { SpecialToken: { id: "[CLS]", type_id: 0 } },
    { Sequence: { id: "A", type_id: 0 } },
    { SpecialToken: { id: "[SEP]", type_id: 0 } },
  ],
  pair: [
    { SpecialToken: { id: "[CLS]", type_id: 0 } },
    { Sequence: { id: "A", type_id: 0 } },
    { SpecialToken: { id: "[SEP]", type_id: 0 } },
    { Sequence: { id: "B", type_id: 1 } },
    { SpecialToken: { id: "[SEP]", type_id: 1 } },
  ],
  special_tokens: {
    "[CLS]": { id: "[CLS]", ids: [101], tokens: ["[CLS]"] },
    "[SEP]": { id: "[SEP]", ids: [102], tokens: ["[SEP]"] },
  },
};

describe("EMB-2, REC-4: special tokens around texts", () => {
  test.each<[string, unknown]>([
    ["a template", template],
    ["BERT's own", bert],
    ["one of several processors", { type: "Sequence", processors: [{ type: "ByteLevel" }, template] }],
  ])("EMB-2: %s", (_, processor) => {
    const framing = readFraming(processor);
    expect(framing?.single([7, 8])).toEqual({ ids: [101, 7, 8, 102], types: [0, 0, 0, 0] });
    expect(framing?.pair([7], [8, 9])).toEqual({ ids: [101, 7, 102, 8, 9, 102], types: [0, 0, 0, 1, 1, 1] });
    expect([framing?.singleExtra, framing?.pairExtra]).toEqual([2, 3]);
  });

  test("REC-4: RoBERTa puts two separators between the texts and has one type", () => {
    const framing = readFraming({
      type: "RobertaProcessing",
      cls: ["<s>", 0],
      sep: ["</s>", 2],
      add_prefix_space: true,
    });
    expect(framing?.pair([7], [8])).toEqual({ ids: [0, 7, 2, 2, 8, 2], types: [0, 0, 0, 0, 0, 0] });
    expect(framing?.pairExtra).toBe(4);
  });

  test.each([
    undefined,
    null,
    {},
    { type: "ByteLevel" },
    { ...bert, cls: "[CLS]" },
    { type: "Sequence", processors: [] },
  ])("EMB-2: %j says nothing about them", (processor) => expect(readFraming(processor)).toBeNull());
});
