import type { CairnError } from "@cairn/kernel/error";
import { describe, expect, test } from "vitest";
import { setUpRemote } from "./remote-setup.fixture.ts";
import { type Behaviour, sendJson, status, well, withItems } from "./unruly-service.fixture.ts";

const unavailable = (message: RegExp | string) => ({
  code: "embedding.unavailable",
  message: expect.stringMatching(message) as string,
});

describe("a service that misbehaves", () => {
  test("EMB-3 waits as long as Retry-After says, in seconds or as a date", async () => {
    await using setup = await setUpRemote();
    const date = setup.wallAt(9_000).toUTCString();
    setup.service.next(status(429, { "Retry-After": "7" }), status(503, { "Retry-After": date }));
    await setup.model.encode(["x"], "passage");
    // Half of the jitter of each attempt comes on top; the first pause has moved the clock on by itself.
    expect(setup.pauses[0]).toBe(7_250);
    expect(setup.pauses[1]).toBeGreaterThan(1_000);
    expect(setup.pauses[1]).toBeLessThan(9_000);
    expect(setup.model.figures()).toMatchObject({ requests: 3, retries: 2, failures: 2 });
    expect(setup.warnings).toEqual([]);
  });

  test.each([408, 409, 429, 500, 502, 503, 504])("EMB-3 asks again after %i, with growing pauses", async (code) => {
    await using setup = await setUpRemote();
    setup.service.next(status(code), status(code), status(code));
    expect((await setup.model.encode(["x"], "passage"))[0]).toHaveLength(1);
    expect(setup.pauses).toEqual([250, 500, 1_000]);
  });

  test("EMB-3 asks again after a body that was cut short, broken JSON, and a connection that was reset", async () => {
    await using setup = await setUpRemote();
    setup.service.next(
      (_, response) => {
        response.writeHead(200, { "Content-Length": "500" });
        response.write('{"data": [');
        response.socket?.end();
      },
      (_, response) => sendJson(response, 200, '{"data": [{"index": 0, "embedding": [0.1,'),
      (_, response) => sendJson(response, 200, '{"data": [{"index": 0, "embedding": [NaN, 1, 1, 1]}]}'),
      (_, response) => void response.socket?.resetAndDestroy(),
    );
    expect((await setup.model.encode(["x"], "passage"))[0]).toHaveLength(1);
    expect(setup.model.figures().requests).toBe(5);
  });

  test("EMB-3 a slow answer is given up, for many texts in smaller requests", async () => {
    await using setup = await setUpRemote();
    const slow: Behaviour = () => setImmediate(setup.expire);
    setup.service.next(slow, slow);
    expect((await setup.model.encode(["a", "b", "c", "d"], "passage")).flat()).toHaveLength(4);
    expect(setup.service.asked.map(({ input }) => input.length)).toEqual([4, 2, 1, 1, 2]);
  });

  test("EMB-3 a question is not asked again after a slow answer, and after two of them nobody waits", async () => {
    await using setup = await setUpRemote();
    setup.service.always(() => setImmediate(setup.expire));
    for (let round = 0; round < 2; round += 1)
      await expect(setup.model.encode(["q"], "query")).rejects.toMatchObject(
        unavailable(/does not answer within 5000 ms/u),
      );
    await expect(setup.model.encode(["q"], "query")).rejects.toMatchObject({ data: { retryAfterMs: 2_000 } });
    expect(setup.service.asked).toHaveLength(2);
    expect(setup.warnings).toHaveLength(1);
  });

  test.each([
    ["too few", (items: unknown[]) => items.slice(1)],
    ["another number of dimensions", () => [0, 1].map((index) => ({ index, embedding: [1, 2, 3] }))],
    ["an index twice", (items: { embedding: unknown }[]) => items.map(({ embedding }) => ({ index: 0, embedding }))],
    [
      "an index that no text has",
      (items: { embedding: unknown }[]) => items.map(({ embedding }, at) => ({ index: at + 1, embedding })),
    ],
    ["numbers that are none", () => [0, 1].map((index) => ({ index, embedding: [1, null, 3, 4] }))],
    ["numbers beyond float", () => [0, 1].map((index) => ({ index, embedding: [1e300, 1, 1, 1] }))],
    ["no direction", () => [0, 1].map((index) => ({ index, embedding: [0, 0, 0, 0] }))],
    ["no list", () => "nothing"],
  ])("EMB-3 an answer with %s is refused and not asked for again", async (_, change) => {
    await using setup = await setUpRemote();
    setup.service.next(withItems(change));
    await expect(setup.model.encode(["a", "b"], "passage")).rejects.toMatchObject(unavailable(/answers/u));
    expect(setup.service.asked).toHaveLength(1);
    expect(setup.warnings).toHaveLength(1);
  });

  test("EMB-3 answers in another order are put right by their index", async () => {
    await using setup = await setUpRemote();
    const texts = ["a", "bb", "ccc"];
    const expected = await setup.model.encode(texts, "passage");
    setup.service.next(withItems((items) => items.toReversed()));
    expect(await setup.model.encode(texts, "passage")).toEqual(expected);
  });

  test("EMB-3 a body without end is not read to its end", async () => {
    await using setup = await setUpRemote();
    setup.service.next((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(" ".repeat(65_536)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    await expect(setup.model.encode(["a"], "passage")).rejects.toMatchObject(unavailable(/more than was asked for/u));
  });

  test.each([
    [401, /embedding_api_key/u],
    [403, /embedding_api_key/u],
    [404, /embedding_url and embedding_model/u],
    [302, /embedding_url/u],
  ])("EMB-3 after %i nothing is asked again, and the setting to mend is named", async (code, hint) => {
    await using setup = await setUpRemote();
    setup.service.always(status(code, { Location: "http://127.0.0.1:1/" }, "sk-secret-key is wrong"));
    const error = await setup.model.encode(["private words"], "passage").catch((given: unknown) => given);
    expect(error).toMatchObject({ code: "embedding.unavailable", data: { hint: expect.stringMatching(hint) } });
    await expect(setup.model.encode(["more"], "passage")).rejects.toMatchObject({ code: "embedding.unavailable" });
    expect(setup.service.asked).toHaveLength(1);
    expect(setup.warnings).toHaveLength(1);
    expect(JSON.stringify([String(error), (error as Error).stack, setup.warnings])).not.toMatch(
      /sk-secret|private words/u,
    );
  });

  test.each([
    [413, "no"],
    [400, "This model's maximum context length is 8192 tokens"],
    [422, "batch size 32 exceeds maximum"],
  ])("EMB-3 a request that is too large (%i) goes in halves", async (code, message) => {
    await using setup = await setUpRemote();
    setup.service.always((asked, response, request) =>
      (asked.input.length > 3 ? status(code, {}, message) : well)(asked, response, request),
    );
    const texts = Array.from({ length: 10 }, (_, at) => `text ${at}`);
    expect((await setup.model.encode(texts, "passage")).flat()).toHaveLength(10);
    expect(setup.pauses).toEqual([]);
    await setup.model.encode(["one"], "passage");
    // Later requests keep to what was taken.
    expect(setup.model.batch.texts).toBeLessThanOrEqual(3);
  });

  test("EMB-3 a text that is too long for the service is cut further, a question to its beginning", async () => {
    await using setup = await setUpRemote();
    setup.service.always((asked, response, request) =>
      (asked.input.some((text) => text.length > 300) ? status(413) : well)(asked, response, request),
    );
    const [pieces] = await setup.model.encode(["many words ".repeat(100)], "passage");
    expect(pieces?.length).toBeGreaterThan(3);
    expect((await setup.model.encode(["many words ".repeat(100)], "query"))[0]).toHaveLength(1);
    const asked = setup.service.asked.length;
    // By now the length that it takes is known.
    await setup.model.encode(["other words ".repeat(100)], "passage");
    expect(setup.service.asked).toHaveLength(asked + 1);
  });

  test("EMB-3 one text that the service refuses has no vectors, and the others have theirs", async () => {
    await using setup = await setUpRemote();
    await setup.model.encode(["before"], "passage");
    setup.service.always((asked, response, request) =>
      (asked.input.includes("poison") ? status(400) : well)(asked, response, request),
    );
    const vectors = await setup.model.encode(["a", "b", "poison", "c", "d"], "passage");
    expect(vectors.map((own) => own.length)).toEqual([1, 1, 0, 1, 1]);
    expect(setup.model.figures().refusedTexts).toBe(1);
  });

  test("EMB-3 a service that refuses everything is a wrong setting, found out with a few requests", async () => {
    await using setup = await setUpRemote();
    setup.service.always(status(400));
    const texts = Array.from({ length: 100 }, (_, at) => `text ${at}`);
    await expect(setup.model.encode(texts, "passage")).rejects.toMatchObject(
      unavailable(/refuses the request \(400\)/u),
    );
    expect(setup.service.asked.length).toBeLessThan(14);
    expect(setup.warnings).toHaveLength(1);
    expect(setup.model.figures().breaker).toBe("open");
  });

  test("EMB-3 the breaker opens after five failures, lets one try later, and closes when that succeeds", async () => {
    await using setup = await setUpRemote();
    setup.service.always(status(500));
    await expect(setup.model.encode(["x"], "passage")).rejects.toMatchObject(unavailable(/has a fault \(500\)/u));
    expect(setup.service.asked).toHaveLength(5);
    expect(setup.model.figures().breaker).toBe("open");
    await expect(setup.model.encode(["x"], "query")).rejects.toMatchObject({ data: { retryAfterMs: 2_000 } });
    expect(setup.service.asked).toHaveLength(5);
    expect(setup.warnings).toHaveLength(1);
    setup.pass(2_001);
    expect(setup.model.figures().breaker).toBe("half-open");
    const { promise: asking, resolve } = Promise.withResolvers<() => void>();
    setup.service.next((asked, response, request) => resolve(() => well(asked, response, request)));
    const trial = setup.model.encode(["trial"], "passage");
    const answer = await asking;
    await expect(setup.model.encode(["other"], "passage")).rejects.toMatchObject({ code: "embedding.unavailable" });
    answer();
    expect((await trial)[0]).toHaveLength(1);
    expect(setup.model.figures().breaker).toBe("closed");
    expect(setup.service.asked).toHaveLength(6);
  });

  test("EMB-3 each try that fails keeps the breaker open for longer, up to a minute", async () => {
    await using setup = await setUpRemote();
    setup.service.always(status(500));
    await setup.model.encode(["x"], "passage").catch(() => undefined);
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const before = setup.service.asked.length;
      const closed = await setup.model.encode(["x"], "query").catch((error: unknown) => error);
      expect(setup.service.asked).toHaveLength(before);
      const { retryAfterMs = 0 } = (closed as CairnError).data;
      waits.push(retryAfterMs);
      setup.pass(retryAfterMs + 1);
      await setup.model.encode(["x"], "query").catch(() => undefined);
      expect(setup.service.asked).toHaveLength(before + 1);
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(setup.warnings).toHaveLength(1);
  });

  test("EMB-3 a Retry-After that is too long to wait for is an answer, and nobody asks meanwhile", async () => {
    await using setup = await setUpRemote();
    setup.service.next(status(429, { "Retry-After": "120" }));
    await expect(setup.model.encode(["x"], "passage")).rejects.toMatchObject({ data: { retryAfterMs: 120_000 } });
    await expect(setup.model.encode(["x"], "passage")).rejects.toMatchObject({ code: "embedding.unavailable" });
    expect(setup.service.asked).toHaveLength(1);
    setup.pass(120_001);
    expect((await setup.model.encode(["x"], "passage"))[0]).toHaveLength(1);
  });

  test("EMB-3 a dead endpoint is a coded error", async () => {
    await using setup = await setUpRemote();
    await setup.service.close();
    await expect(setup.model.encode(["x"], "passage")).rejects.toMatchObject(
      unavailable(/cannot be reached \(ECONNREFUSED\)/u),
    );
  });

  test("EMB-3 a call that is called off ends, and so does everything at closing", async () => {
    await using setup = await setUpRemote();
    const stop = new AbortController();
    setup.service.next(
      () => stop.abort(),
      () => void setup.model.close(),
    );
    await expect(setup.model.encode(["x"], "passage", stop.signal)).rejects.toMatchObject({
      code: "embedding.unavailable",
    });
    await expect(setup.model.encode(["x"], "passage")).rejects.toMatchObject({ code: "embedding.unavailable" });
    await expect(setup.model.encode(["x"], "passage")).rejects.toMatchObject({ code: "embedding.unavailable" });
    expect(setup.service.asked).toHaveLength(2);
  });
});
