import type { Timing } from "@cairn/embed/remote/timing";
import { describe, expect, test } from "vitest";
import { chatEndpoint, makeChatModel } from "./chat-client.ts";
import { refuses, says, startChatService } from "./chat-service.fixture.ts";

const question = { system: "Be brief.", user: "Hello", schema: { type: "object" }, mostAnswerTokens: 100 };

/** Pauses are over at once; a request's time is over when the test says so. */
const fakeTiming = () => {
  const pauses: number[] = [];
  const deadlines = new Set<() => void>();
  let now = 1_000;
  const timing: Timing = {
    now: () => now,
    wall: () => Date.parse("2026-03-14T12:00:00Z") + now,
    random: () => 0.5,
    sleep: async (milliseconds, signal) => {
      if (milliseconds !== 120_000) {
        pauses.push(milliseconds);
        now += milliseconds;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      deadlines.add(resolve);
      signal?.addEventListener("abort", () => resolve());
      await promise;
      deadlines.delete(resolve);
    },
  };
  return { timing, pauses, expire: () => deadlines.forEach((over) => over()) };
};

const setUp = async () => {
  const service = await startChatService();
  const time = fakeTiming();
  const model = makeChatModel({ url: service.url, model: "small", apiKey: "key-1", timing: time.timing });
  return { service, model, ...time, [Symbol.asyncDispose]: service[Symbol.asyncDispose] };
};

describe("the chat client", () => {
  test.each([
    ["https://api.example.org/v1", "https://api.example.org/v1/chat/completions"],
    ["https://api.example.org", "https://api.example.org/v1/chat/completions"],
    ["http://127.0.0.1:8080/team/v1/chat/completions/", "http://127.0.0.1:8080/team/v1/chat/completions"],
  ])("MEM-10 finds the address of %s", (given, expected) => {
    expect(chatEndpoint(given)).toBe(expected);
  });

  test.each(["ftp://x", "no address", "https://user:pass@example.org/v1"])("MEM-10 refuses %s", (given) => {
    expect(() => chatEndpoint(given)).toThrow(expect.objectContaining({ code: "config.invalid" }));
  });

  test("MEM-10 asks for an answer of the schema, with the key, and gives its text", async () => {
    await using setup = await setUp();
    setup.service.next(
      says('{"facts":[]}'),
      says([
        { type: "text", text: "in " },
        { type: "text", text: "parts" },
      ]),
    );
    expect(await setup.model.ask(question)).toEqual({ ok: true, text: '{"facts":[]}' });
    expect(await setup.model.ask(question)).toEqual({ ok: true, text: "in parts" });
    const [asked] = setup.service.asked;
    expect(asked).toMatchObject({ path: "/v1/chat/completions", authorization: "Bearer key-1" });
    expect(asked?.body).toMatchObject({
      model: "small",
      temperature: 0,
      max_tokens: 100,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello" },
      ],
      response_format: { type: "json_schema", json_schema: { strict: true, schema: { type: "object" } } },
    });
  });

  test("MEM-10 falls back to what the service takes, and remembers it", async () => {
    await using setup = await setUp();
    setup.service.next(refuses(400), refuses(422), says("plain"));
    expect(await setup.model.ask(question)).toEqual({ ok: true, text: "plain" });
    await setup.model.ask(question);
    const formats = setup.service.asked.map(({ body }) => body.response_format?.type ?? null);
    expect(formats).toEqual(["json_schema", "json_object", null, null]);
  });

  test("MEM-10 tries again after a fault, and leaves a service in peace as long as it asks", async () => {
    await using setup = await setUp();
    setup.service.next(refuses(500), refuses(503), says("third time"));
    expect(await setup.model.ask(question)).toEqual({ ok: true, text: "third time" });
    expect(setup.pauses).toEqual([250, 500]);
    setup.service.next(refuses(429, { "Retry-After": "90" }));
    const later = { ok: false, failure: { kind: "passing", retryAfterMs: 90_000 } };
    expect(await setup.model.ask(question)).toMatchObject(later);
    expect(await setup.model.ask(question)).toMatchObject(later);
    expect(setup.service.asked).toHaveLength(4);
  });

  test.each([
    [refuses(401), "setting", "does not accept the key (401)"],
    [refuses(404), "setting", "knows no such address or model (404)"],
    [says(null), "refused", "answers without a text"],
    [refuses(200, {}, "{ no json"), "passing", "breaks off its answer"],
    [refuses(200, {}, { choices: [] }), "refused", "answers without a text"],
    [refuses(400, {}, { error: { message: "secret words" } }), "refused", "refuses the request (400)"],
  ] as const)(
    "MEM-10 says what went wrong without repeating what was said: case %#",
    async (behaviour, kind, reason) => {
      await using setup = await setUp();
      setup.service.always(behaviour);
      const answer = await setup.model.ask(question);
      expect(answer).toMatchObject({ ok: false, failure: { kind, reason: expect.stringContaining(reason) as string } });
      expect(JSON.stringify(answer)).not.toMatch(/secret words|key-1|Hello/u);
    },
  );

  test("MEM-10 does not wait for ever, and ends when it is called off", async () => {
    await using setup = await setUp();
    const arrived = Promise.withResolvers<void>();
    setup.service.always(() => arrived.resolve());
    const controller = new AbortController();
    const asked = setup.model.ask(question, controller.signal);
    await arrived.promise;
    controller.abort();
    expect(await asked).toMatchObject({ ok: false, failure: { reason: "was not waited for" } });
    const again = Promise.withResolvers<void>();
    let requests = 0;
    setup.service.always(() => {
      requests += 1;
      again.resolve();
      queueMicrotask(setup.expire);
    });
    expect(await setup.model.ask(question)).toMatchObject({ ok: false, failure: { kind: "passing" } });
    expect(requests).toBe(3);
  });
});
