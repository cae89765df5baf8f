import { describe, expect, test } from "vitest";
import { isCairnError } from "@cairn/kernel/error";
import { dot, passage } from "@cairn/testing/embedder-conformance";
import { makeTinyTextModel, type TinyTextOptions } from "../fixtures/tiny-model.ts";
import { readModelFolder } from "./model-folder.ts";
import { passageTextOf, queryTextOf } from "./passage-text.ts";
import { openGraph, runtimePackage } from "./runtime.ts";
import { makeTextEncoder } from "./text-encoder.ts";

/** The model in this thread: the worker around it has tests of its own. */
const opened = async (options: TinyTextOptions = {}, others: Readonly<Record<string, unknown>> = {}) => {
  await using files = await makeTinyTextModel(options, others);
  const folder = await readModelFolder(files.folder);
  const graph = await openGraph(folder.onnx, 1, runtimePackage);
  const { facts, encode } = await makeTextEncoder(folder, graph);
  return {
    facts,
    encode,
    vector: async (text: string) => (await encode(text, "passage"))[0] as Float32Array,
    [Symbol.asyncDispose]: graph.close,
  };
};

const text = "the cat naps";

describe("EMB-2: models of many exports", () => {
  test.each<TinyTextOptions>([{ tokenTypes: true }, { type: "int32" }, { output: "sentence_embedding" }])(
    "EMB-2: %o gives the vectors of the plain export",
    async (options) => {
      await using plain = await opened();
      await using other = await opened(options);
      expect(dot(await plain.vector(text), await other.vector(text))).toBeCloseTo(1, 5);
    },
  );

  test("EMB-2: pooling is mean, or what sentence-transformers' file or cairn.json say", async () => {
    const said = { pooling_mode_cls_token: true };
    await using plain = await opened();
    await using mean = await opened({}, { "1_Pooling/config.json": { pooling_mode_mean_tokens: true } });
    await using cls = await opened({}, { "1_Pooling/config.json": said });
    await using own = await opened({}, { "cairn.json": { pooling: "mean" }, "1_Pooling/config.json": said });
    expect(await mean.vector(text)).toEqual(await plain.vector(text));
    expect(await own.vector(text)).toEqual(await plain.vector(text));
    // [CLS] means nothing to the tiny model.
    expect(await cls.encode(text, "passage")).toEqual([]);
  });

  test("EMB-2: a graph that gives something else than vectors is refused", async () => {
    const error = await opened({ output: "something_else" }).catch((thrown: unknown) => thrown);
    expect(isCairnError(error) && error.code).toBe("model.invalid");
  });
});

test("EMB-2: a model's name is the same for the same files, and another for whatever changes vectors", async () => {
  await using plain = await opened();
  await using same = await opened({}, { "README.json": {}, "cairn.json": { pooling: "mean" } });
  expect(same.facts).toEqual(plain.facts);
  expect(plain.facts.id).toMatch(/^tiny-48@[0-9a-f]{12}$/u);
  const changes: readonly Readonly<Record<string, unknown>>[] = [
    { queryPrefix: "query: " },
    { passagePrefix: "passage: " },
    { maxTokens: 64 },
    { passage: "author: text" },
    { pooling: "cls" },
  ];
  const others = await Promise.all([
    ...changes.map((change) => opened({}, { "cairn.json": change })),
    opened({ tokenTypes: true }),
    opened({}, { "tokenizer_config.json": { remove_space: true } }),
  ]);
  const ids = [plain.facts.id, ...others.map(({ facts }) => facts.id)];
  expect(new Set(ids).size).toBe(changes.length + 3);
  for (const other of others) await other[Symbol.asyncDispose]();
});

describe("EMB-2: what a model reads", () => {
  const of = { content: "It rained.", author: "Ada", occurredAt: Date.UTC(2023, 4, 8) };
  const shown = (given: string): string => given.replace("\u001f", "|");

  test("EMB-2: date and author stand before a passage, a prefix before a question", async () => {
    await using plain = await opened();
    const settings = { queryPrefix: "query: ", passagePrefix: "passage: ", passage: "author: text" };
    await using prefixed = await opened({}, { "cairn.json": settings });
    const passageText = passageTextOf(plain.facts.reading);
    expect(shown(passageText(of))).toBe("[8 May 2023] Ada: |It rained.");
    expect(shown(passageText(passage("It rained.")))).toBe("|It rained.");
    expect(shown(passageTextOf(prefixed.facts.reading)(of))).toBe("passage: Ada: |It rained.");
    expect(shown(queryTextOf(prefixed.facts.reading)("rain?"))).toBe("query: |rain?");
  });

  test("EMB-2: a long passage has chunks of at most 254 pieces, each under the same head", async () => {
    await using setup = await opened();
    const passageText = passageTextOf(setup.facts.reading);
    const content = "cat ".repeat(500);
    const full = await setup.encode("cat ".repeat(254), "passage");
    const bare = await setup.encode(content, "passage");
    const headed = await setup.encode(passageText({ ...passage(content), author: "couch" }), "passage");
    expect([full.length, bare.length, headed.length]).toEqual([1, 2, 2]);
    // Every chunk is "cat cat …", with "couch:" before it or without.
    expect(bare[0]).toEqual(bare[1]);
    expect(headed[0]).toEqual(headed[1]);
    expect(headed[0]).not.toEqual(bare[0]);
  });

  test("EMB-2: a question is read as far as the model reads at once", async () => {
    await using setup = await opened();
    const [short] = await setup.encode("cat ".repeat(254), "query");
    expect(await setup.encode("cat ".repeat(254) + "piano ".repeat(50), "query")).toEqual([short]);
    expect(await setup.encode(" ".repeat(9_000) + "cat ".repeat(254), "query")).toEqual([short]);
  });

  test("EMB-2: a head alone is no content; an author's long name leaves room for the text", async () => {
    await using setup = await opened();
    const passageText = passageTextOf(setup.facts.reading);
    expect(await setup.encode(passageText(passage(" \n", "cat")), "passage")).toEqual([]);
    const named = await setup.encode(passageText(passage("piano", "cat ".repeat(100))), "passage");
    expect(named).toHaveLength(1);
    expect(named[0]).not.toEqual(await setup.vector("cat ".repeat(64)));
  });

  test("EMB-2: a mark or a special token that people write is text like any other", async () => {
    await using setup = await opened();
    const passageText = passageTextOf(setup.facts.reading);
    const odd = passageText({ ...passage("cat\u001fpiano [SEP]"), author: "a\u001fb" });
    expect(shown(odd)).toBe("a b: |cat\u001fpiano [SEP]");
    expect(await setup.vector("[SEP]")).toEqual(await setup.vector("[sep]"));
  });
});
