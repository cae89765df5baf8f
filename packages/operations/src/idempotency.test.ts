import { describe, expect, test, vi } from "vitest";
import type { KeptAnswers } from "@cairn/directory/kept-answers";
import { makeMemoryKeptAnswers } from "@cairn/directory/memory-kept-answers";
import { type IdempotencyOptions, type IdempotentRequest, makeIdempotencyStore } from "./idempotency.ts";

const request: IdempotentRequest = {
  principal: "local",
  operation: "memories.remember",
  key: "k1",
  body: { content: "a", tags: ["x"] },
};

/** Servers that share what is kept. */
const setUp = (options: Partial<IdempotencyOptions> = {}) => {
  let now = 0;
  const answers = makeMemoryKeptAnswers({ clock: () => now });
  const open = (more: Partial<IdempotencyOptions> = {}) =>
    makeIdempotencyStore({ answers, waitMs: 5_000, ...options, ...more });
  let count = 0;
  const work = vi.fn<() => Promise<number>>(async () => ++count);
  return { store: open(), open, answers, work, pass: (milliseconds: number) => void (now += milliseconds) };
};

describe("an Idempotency-Key", () => {
  test("gives the first answer again instead of working again", async () => {
    const { store, work } = setUp();
    expect(await store.once(request, work)).toEqual({ answer: 1, replayed: false });
    expect(await store.once({ ...request, body: { tags: ["x"], content: "a" } }, work)).toEqual({
      answer: 1,
      replayed: true,
    });
    expect(work).toHaveBeenCalledTimes(1);
  });

  test.each([
    { content: "b", tags: ["x"] },
    { content: "a", tags: ["x"], extra: null },
    JSON.parse('{"content":"a","tags":["x"],"__proto__":1}') as unknown,
    null,
  ])("with another body is a conflict: %j", async (body) => {
    const { store, work } = setUp();
    await store.once(request, work);
    await expect(store.once({ ...request, body }, work)).rejects.toMatchObject({
      code: "request.idempotency_conflict",
    });
    expect(work).toHaveBeenCalledTimes(1);
  });

  test("of another caller, or for another operation, is another key", async () => {
    const { store, work } = setUp();
    await store.once(request, work);
    expect((await store.once({ ...request, principal: "other" }, work)).answer).toBe(2);
    expect((await store.once({ ...request, operation: "memories.correct" }, work)).answer).toBe(3);
  });

  test("makes a request wait for the same one that is under way", async () => {
    const { store } = setUp();
    const { promise, resolve } = Promise.withResolvers<string>();
    const work = vi.fn<() => Promise<string>>(() => promise);
    const both = Promise.all([store.once(request, work), store.once(request, work)]);
    resolve("done");
    expect(await both).toEqual([
      { answer: "done", replayed: false },
      { answer: "done", replayed: true },
    ]);
    expect(work).toHaveBeenCalledTimes(1);
  });

  test("lets a request that failed be tried again", async () => {
    const { store, work } = setUp();
    await expect(store.once(request, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await store.once(request, work)).toEqual({ answer: 1, replayed: false });
  });

  test("is forgotten after 24 hours", async () => {
    const { store, work, pass } = setUp();
    await store.once(request, work);
    pass(86_400_000 - 1);
    expect((await store.once(request, work)).replayed).toBe(true);
    pass(1);
    expect((await store.once(request, work)).replayed).toBe(false);
  });
});

describe("an Idempotency-Key on several servers", () => {
  test("API-3 is run by one of them, whichever is asked and how often; all get its answer", async () => {
    const { open, work } = setUp();
    const servers = [open(), open(), open()];
    const slow = async () => {
      await Promise.resolve();
      return work();
    };
    const all = await Promise.all(Array.from({ length: 50 }, (_, at) => servers[at % 3]!.once(request, slow)));
    expect(work).toHaveBeenCalledTimes(1);
    expect(new Set(all.map(({ answer }) => answer))).toEqual(new Set([1]));
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test("API-3 that another server works on for long is told to come again, and is not run twice", async () => {
    const { open, work } = setUp();
    const [one, other] = [open(), open({ waitMs: 30 })];
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = one.once(request, () => promise);
    await expect(other.once(request, work)).rejects.toMatchObject({
      code: "storage.busy",
      data: { retryAfterMs: 2_000 },
    });
    await expect(other.once({ ...request, body: 1 }, work)).rejects.toMatchObject({
      code: "request.idempotency_conflict",
    });
    resolve("done");
    await first;
    expect(await other.once(request, work)).toEqual({ answer: "done", replayed: true });
    expect(work).not.toHaveBeenCalled();
  });

  test("API-3 whose server died is run again when its lease is over, not before", async () => {
    const { open, work, pass } = setUp({ waitMs: 30 });
    const [dying, other] = [open(), open()];
    void dying.once(request, () => new Promise(() => undefined));
    await expect(other.once(request, work)).rejects.toMatchObject({ code: "storage.busy" });
    pass(60_000);
    expect(await other.once(request, work)).toEqual({ answer: 1, replayed: false });
  });

  test("API-3 a server that works for longer than a lease keeps its claim", async () => {
    const { open, work, answers, pass } = setUp({ waitMs: 30, leaseMs: 30 });
    const renewed = Promise.withResolvers<void>();
    const watched: KeptAnswers = {
      ...answers,
      renew: async (...given) => {
        const done = await answers.renew(...given);
        renewed.resolve();
        return done;
      },
    };
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = open({ answers: watched }).once(request, () => promise);
    pass(29);
    await renewed.promise;
    pass(29);
    await expect(open().once(request, work)).rejects.toMatchObject({ code: "storage.busy" });
    resolve("done");
    expect(await first).toEqual({ answer: "done", replayed: false });
  });

  test("API-3 what was done is answered although its answer cannot be kept, and not run again at once", async () => {
    const { open, work, answers } = setUp({ waitMs: 30 });
    const broken: KeptAnswers = { ...answers, keep: () => Promise.reject(new Error("the database is gone")) };
    expect(await open({ answers: broken }).once(request, work)).toEqual({ answer: 1, replayed: false });
    await expect(open().once(request, work)).rejects.toMatchObject({ code: "storage.busy" });
  });
});

describe("what an answer holds", () => {
  const done = { code: "request.already_done", status: 409 };

  test("MEM-3 goes when its space erases something: the request counts as done and is not run again", async () => {
    const { store, answers } = setUp();
    const work = vi.fn<(uses: (space: string) => void) => Promise<string>>(async (uses) => {
      uses("space-a");
      return "content";
    });
    await store.once(request, work);
    expect(await store.once(request, work)).toEqual({ answer: "content", replayed: true });
    await answers.forgetSpace("space-a");
    await expect(store.once(request, work)).rejects.toMatchObject(done);
    expect(work).toHaveBeenCalledTimes(1);
  });

  test("MEM-3 stays when it is none of what was stored, also that of the purge itself", async () => {
    const { store, answers } = setUp();
    const purge = { ...request, operation: "memories.forget", plain: true };
    const work = async (uses: (space: string) => void) => {
      uses("space-a");
      await answers.forgetSpace("space-a");
      return { success: true };
    };
    await store.once(purge, work);
    expect(await store.once(purge, work)).toEqual({ answer: { success: true }, replayed: true });
  });

  test("is not kept when it is long or of several spaces, only that it was done", async () => {
    const { store } = setUp({ longest: 20 });
    const several = async (uses: (space: string) => void) => {
      uses("space-a");
      uses("space-b");
      return 1;
    };
    for (const [key, work] of [["long", async () => "x".repeat(20)] as const, ["several", several] as const]) {
      expect((await store.once<unknown>({ ...request, key }, work)).replayed).toBe(false);
      await expect(store.once<unknown>({ ...request, key }, work)).rejects.toMatchObject(done);
    }
  });

  test("MEM-3 neither the key, nor who calls, nor the body is handed on in clear", async () => {
    const { open, answers, work } = setUp();
    const told: unknown[] = [];
    const watched: KeptAnswers = {
      ...answers,
      claim: (claim) => {
        told.push(claim);
        return answers.claim(claim);
      },
      keep: (answer) => {
        told.push(answer);
        return answers.keep(answer);
      },
    };
    await open({ answers: watched }).once({ ...request, principal: "anna", key: "secret-key", body: "tea" }, work);
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toMatch(/anna|secret-key|tea/u);
  });
});
