import { CairnError } from "@cairn/kernel/error";
import { describeEmbedder, passage } from "@cairn/testing/embedder-conformance";
import { describe, expect, test } from "vitest";
import { makeVectorCache } from "../cache/vector-cache.ts";
import { makeStaticEmbedder } from "../static/static-embedder.ts";
import { makeControlledModel, vectorOf, vectorsOf } from "./controlled-model.fixture.ts";
import { makeQueuedEmbedder, type QueueOptions } from "./queued-embedder.ts";
import type { TextModel } from "./text-model.ts";

const setUp = (options: QueueOptions = {}, batch?: TextModel["batch"]) => {
  const control = makeControlledModel(batch);
  const embedder = makeQueuedEmbedder(control.model, options);
  return { ...control, embedder, [Symbol.asyncDispose]: () => embedder.close() };
};
const memoryCache = (memoryBytes = 1_000_000) => makeVectorCache({ memoryBytes, disk: null });
const texts = (count: number, name = "text") => Array.from({ length: count }, (_, at) => passage(`${name} ${at}`));
const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const down = () => new CairnError("embedding.unavailable", "The model is down.");

const river = "The river rose after a week of rain and people carried sand to the bridge. ";
describeEmbedder("a queue over a model", {
  requirement: "EMB-4",
  unknownText: "😀 😀",
  longText: river.repeat(12) + "Her violin lesson was moved to Tuesday because the teacher is ill. ".repeat(12),
  make: () => {
    const inner = makeStaticEmbedder();
    const model: TextModel = {
      model: inner.model,
      passageText: ({ content }) => content,
      queryText: (query) => query,
      encode: async (given, kind) =>
        kind === "passage"
          ? inner.embedPassages(given.map((content) => passage(content)))
          : Promise.all(given.map(async (text) => [await inner.embedQuery(text)])),
      batch: { texts: 7, characters: 9_000, calls: 2 },
      close: inner.close,
    };
    return makeQueuedEmbedder(model, { cache: memoryCache() });
  },
});

describe("the queue", () => {
  test("EMB-4 callers of one moment share a batch", async () => {
    await using setup = setUp();
    const answers = [
      setup.embedder.embedPassages([passage("a")], { tenant: "one" }),
      setup.embedder.embedPassages([passage("b"), passage("c")], { tenant: "two" }),
    ];
    const call = await setup.next();
    expect(call.texts.toSorted()).toEqual(["a", "b", "c"]);
    call.answer();
    expect(await Promise.all(answers)).toEqual([[[vectorOf("a")]], [[vectorOf("b")], [vectorOf("c")]]]);
    expect(setup.embedder.figures()).toMatchObject({ batches: 1, texts: 3, running: 0, waiting: { texts: 0 } });
  });

  test("EMB-4 equal texts are embedded once, within a call, between callers, and while they are on their way", async () => {
    await using setup = setUp({}, { texts: 2, characters: 8_000, calls: 1 });
    const first = setup.embedder.embedPassages([passage("same"), passage("same"), passage("other")], { tenant: "a" });
    const call = await setup.next();
    const late = setup.embedder.embedPassages([passage("same")], { tenant: "b" });
    call.answer();
    await setup.answerUntil(Promise.all([first, late]));
    expect((await first).flat()).toEqual([vectorOf("same"), vectorOf("same"), vectorOf("other")]);
    expect(await late).toEqual([[vectorOf("same")]]);
    expect(setup.calls.flatMap((given) => given.texts).toSorted()).toEqual(["other", "same"]);
    expect(setup.embedder.figures().deduplicated).toBe(2);
  });

  test("EMB-4 a text that was embedded before comes from the cache; a question is no passage", async () => {
    await using setup = setUp({ cache: memoryCache() });
    await setup.answerUntil(setup.embedder.embedPassages([passage("tea")]));
    expect(await setup.embedder.embedPassages([passage("tea")])).toEqual([[vectorOf("tea")]]);
    expect(setup.calls).toHaveLength(1);
    await setup.answerUntil(setup.embedder.embedQuery("tea"));
    expect(setup.calls.map(({ kind }) => kind)).toEqual(["passage", "query"]);
  });

  test("EMB-4 nobody can spoil the vectors that others get", async () => {
    await using setup = setUp({ cache: memoryCache() });
    const [one, two] = await setup.answerUntil(
      Promise.all([setup.embedder.embedPassages([passage("x")]), setup.embedder.embedPassages([passage("x")])]),
    );
    one?.[0]?.[0]?.fill(7);
    expect(two).toEqual([[vectorOf("x")]]);
    const [[cached] = []] = await setup.embedder.embedPassages([passage("x")]);
    cached?.fill(9);
    expect(await setup.embedder.embedPassages([passage("x")])).toEqual([[vectorOf("x")]]);
  });

  test("EMB-4 a question goes before all passages that wait", async () => {
    await using setup = setUp();
    const passages = setup.embedder.embedPassages(texts(40), { tenant: "import" });
    const running = await setup.next();
    const question = setup.embedder.embedQuery("when?", { tenant: "other" });
    await turns();
    running.answer();
    const second = await setup.next();
    expect([second.kind, second.texts]).toEqual(["query", ["when?"]]);
    second.answer();
    await question;
    await setup.answerUntil(passages);
  });

  test("EMB-4 where the model takes several calls, one of them is kept for questions", async () => {
    await using setup = setUp({}, { texts: 4, characters: 8_000, calls: 3 });
    const passages = setup.embedder.embedPassages(texts(40));
    await Promise.all([setup.next(), setup.next()]);
    await turns();
    expect(setup.embedder.figures().running).toBe(2);
    const question = setup.embedder.embedQuery("now?");
    (await setup.next()).answer();
    expect(await question).toEqual(vectorOf("now?"));
    for (const call of setup.calls) call.answer();
    await setup.answerUntil(passages);
  });

  test("EMB-4 an import of 50,000 texts holds up another tenant's write for no more than the batch under way", async () => {
    await using setup = setUp({}, { texts: 64, characters: 100_000, calls: 1 });
    const large = setup.embedder.embedPassages(texts(50_000, "import"), { tenant: "library" });
    for (let batch = 0; batch < 3; batch += 1) (await setup.next()).answer();
    const under = await setup.next();
    const small = setup.embedder.embedPassages([passage("a single write")], { tenant: "person" });
    await turns();
    under.answer();
    const following = await setup.next();
    expect(following.texts).toContain("a single write");
    expect(following.texts.length).toBeLessThanOrEqual(8);
    following.answer();
    expect(await small).toEqual([[vectorOf("a single write")]]);
    expect(await setup.answerUntil(large)).toHaveLength(50_000);
    expect(setup.embedder.figures()).toMatchObject({ texts: 50_001, waiting: { texts: 0, characters: 0 } });
  });

  test("EMB-4 what waits inside is bounded: the caller waits, and nothing is lost or refused", async () => {
    const bounds = { texts: 64, characters: 4_000 };
    await using setup = setUp({ waitingOfTenant: bounds, waitingOfAll: bounds });
    const all = Promise.all(
      ["a", "b", "c"].map((tenant) => setup.embedder.embedPassages(texts(300, tenant), { tenant })),
    );
    let most = 0;
    for (let call = await setup.next(); ; call = await setup.next()) {
      most = Math.max(most, setup.embedder.figures().waiting.texts);
      call.answer();
      if (setup.embedder.figures().texts === 900) break;
    }
    expect((await all).flat(2)).toHaveLength(900);
    // Each of the three may have one slice of 64 inside, whatever the bound of all.
    expect(most).toBeLessThanOrEqual(3 * 64);
    expect(most).toBeGreaterThan(0);
  });

  test("EMB-4 a failing batch rejects only the callers of its own texts", async () => {
    await using setup = setUp({}, { texts: 2, characters: 8_000, calls: 1 });
    const bad = setup.embedder.embedPassages(texts(2, "bad"), { tenant: "a" });
    const failing = await setup.next();
    const good = setup.embedder.embedPassages(texts(2, "good"), { tenant: "b" });
    await turns();
    failing.fail(down());
    await expect(bad).rejects.toMatchObject({ code: "embedding.unavailable" });
    expect(await setup.answerUntil(good)).toHaveLength(2);
    expect(setup.embedder.figures()).toMatchObject({ failedBatches: 1, failedTexts: 2 });
  });

  test("EMB-4 a text that breaks the model fails alone", async () => {
    const { model } = makeControlledModel();
    const asked: number[] = [];
    const embedder = makeQueuedEmbedder({
      ...model,
      encode: async (given) => {
        asked.push(given.length);
        if (given.includes("poison")) throw new Error("broken");
        return vectorsOf(given);
      },
    });
    const settled = await Promise.allSettled([
      embedder.embedPassages([passage("poison")], { tenant: "a" }),
      embedder.embedPassages(texts(5), { tenant: "b" }),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(asked[0]).toBe(6);
    expect(embedder.figures()).toMatchObject({ failedTexts: 1, running: 0 });
    await embedder.close();
  });

  test("EMB-4 a model's answer of another form is refused", async () => {
    const embedder = makeQueuedEmbedder({
      ...makeControlledModel().model,
      encode: async () => [[new Float32Array(3)]],
    });
    await expect(embedder.embedPassages([passage("x")])).rejects.toMatchObject({ code: "embedding.unavailable" });
    await embedder.close();
  });

  test("EMB-4 what has not begun is dropped when nobody wants it any more", async () => {
    await using setup = setUp();
    const before = setup.embedder.embedPassages(texts(8, "first"), { tenant: "a" });
    const running = await setup.next();
    const [stop, keep] = [new AbortController(), new AbortController()];
    const dropped = setup.embedder.embedPassages([passage("mine"), passage("shared")], { signal: stop.signal });
    const kept = setup.embedder.embedPassages([passage("shared")], { tenant: "b", signal: keep.signal });
    await turns();
    stop.abort();
    await expect(dropped).rejects.toMatchObject({ code: "embedding.unavailable" });
    running.answer();
    await before;
    expect(await setup.answerUntil(kept)).toEqual([[vectorOf("shared")]]);
    expect(setup.calls.flatMap(({ texts: given }) => given)).not.toContain("mine");
    expect(setup.embedder.figures()).toMatchObject({ calledOff: 1, waiting: { texts: 0 } });
  });

  test("EMB-4 what has begun goes on without its caller, for the cache", async () => {
    await using setup = setUp({ cache: memoryCache() });
    const stop = new AbortController();
    const gone = setup.embedder.embedPassages([passage("slow")], { signal: stop.signal });
    const call = await setup.next();
    stop.abort();
    await expect(gone).rejects.toMatchObject({ code: "embedding.unavailable" });
    call.answer();
    await turns(2);
    expect(await setup.embedder.embedPassages([passage("slow")])).toEqual([[vectorOf("slow")]]);
    expect(setup.calls).toHaveLength(1);
  });

  test("EMB-4 a purge can have a passage forgotten", async () => {
    await using setup = setUp({ cache: memoryCache() });
    await setup.answerUntil(setup.embedder.embedPassages([passage("secret")]));
    expect(setup.embedder.forget([passage("secret")])).toBe(true);
    await setup.answerUntil(setup.embedder.embedPassages([passage("secret")]));
    expect(setup.calls).toHaveLength(2);
  });

  test("EMB-4 closing calls off what runs and rejects what waits", async () => {
    const setup = setUp();
    const all = Promise.allSettled([setup.embedder.embedPassages(texts(30)), setup.embedder.embedQuery("q")]);
    const running = await setup.next();
    await setup.embedder.close();
    await setup.embedder.close();
    expect(running.signal?.aborted).toBe(true);
    expect((await all).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(setup.embedder.embedQuery("q")).rejects.toMatchObject({ code: "embedding.unavailable" });
    expect(setup.closed()).toBe(1);
  });
});
