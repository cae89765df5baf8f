import { describe, expect, test, vi } from "vitest";
import { makeIdempotencyStore, type IdempotentRequest } from "./idempotency.ts";

const request: IdempotentRequest = {
  principal: "local",
  operation: "memories.remember",
  key: "k1",
  body: { content: "a", tags: ["x"] },
};

const setUp = (most?: number) => {
  let now = 0;
  const store = makeIdempotencyStore({ clock: () => now, ...(most === undefined ? {} : { most }) });
  let count = 0;
  const work = vi.fn<() => Promise<number>>(async () => ++count);
  return { store, work, pass: (milliseconds: number) => void (now += milliseconds) };
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

  test("is forgotten when there are too many, the one used longest ago first", async () => {
    const { store, work } = setUp(2);
    const keyed = (key: string) => store.once({ ...request, key }, work);
    await keyed("a");
    await keyed("b");
    await keyed("a");
    await keyed("c");
    expect((await keyed("a")).replayed).toBe(true);
    expect((await keyed("b")).replayed).toBe(false);
  });
});
