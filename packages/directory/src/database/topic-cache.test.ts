import { describe, expect, test } from "vitest";
import { type Known, makeTopicCache } from "./topic-cache.ts";

interface Found {
  readonly id: string;
  readonly name: string;
  readonly epoch: number;
}
const record = (id: string, name: string, epoch = 0): Found => ({ id, name, epoch });

const setUp = (most = 10) => {
  const cache = makeTopicCache(most);
  let asked = 0;
  const resolve = (key: string, answer: Found | null | Promise<Found | null>) =>
    cache.remember(key, async (): Promise<Known<Found> | null> => {
      asked += 1;
      const value = await answer;
      return value === null ? null : { value, topics: [`spaces ${value.id}`, `names ${value.name}`] };
    });
  return { cache, resolve, asked: () => asked };
};

describe("what a server remembers of the directory", () => {
  test("is nothing until it hears of changes, and nothing again once it does not", async () => {
    const { cache, resolve, asked } = setUp();
    await resolve("one", record("1", "One"));
    await resolve("one", record("1", "One"));
    expect(asked()).toBe(2);
    cache.trust(true);
    await resolve("one", record("1", "One"));
    await resolve("one", null);
    expect(asked()).toBe(3);
    cache.trust(false);
    expect(cache.size()).toBe(0);
    expect(await resolve("one", null)).toBeNull();
  });

  test("is never that there is no such space", async () => {
    const { cache, resolve } = setUp();
    cache.trust(true);
    expect(await resolve("one", null)).toBeNull();
    expect(await resolve("one", record("1", "One"))).toMatchObject({ id: "1" });
  });

  test("does not grow beyond its bound, and loses first what was not asked for longest", async () => {
    const { cache, resolve, asked } = setUp(2);
    cache.trust(true);
    await resolve("a", record("1", "a"));
    await resolve("b", record("2", "b"));
    await resolve("a", null);
    await resolve("c", record("3", "c"));
    expect(cache.size()).toBe(2);
    expect(asked()).toBe(3);
    expect(await resolve("a", null)).not.toBeNull();
    expect(await resolve("b", null)).toBeNull();
  });

  test("is not what was on its way when the space was changed", async () => {
    const { cache, resolve } = setUp();
    cache.trust(true);
    const late = Promise.withResolvers<Found>();
    const early = resolve("one", late.promise);
    cache.forget("spaces 1");
    const fresh = record("1", "One", 1);
    expect(await resolve("one", fresh)).toBe(fresh);
    late.resolve(record("1", "One", 0));
    expect(await early).toMatchObject({ epoch: 0 });
    expect(await resolve("one", null)).toBe(fresh);
  });

  test("is not what was asked before word of changes came", async () => {
    const { cache, resolve } = setUp();
    const late = Promise.withResolvers<Found>();
    const early = resolve("one", late.promise);
    cache.trust(true);
    late.resolve(record("1", "One"));
    await early;
    expect(await resolve("one", null)).toBeNull();
  });

  test("is forgotten by each topic that it is about, and by no other", async () => {
    const { cache, resolve } = setUp();
    cache.trust(true);
    await resolve("a", record("1", "shared"));
    await resolve("b", record("2", "shared"));
    await resolve("c", record("3", "own"));
    cache.forget("spaces 1");
    expect(await resolve("a", null)).toBeNull();
    expect(await resolve("b", null)).toMatchObject({ id: "2" });
    cache.forget("names shared");
    expect(await resolve("b", null)).toBeNull();
    expect(await resolve("c", null)).toMatchObject({ id: "3" });
    expect(cache.size()).toBe(1);
  });

  test("is asked for once by many at once, failures included", async () => {
    const { resolve, asked } = setUp();
    const answer = Promise.withResolvers<Found>();
    const many = [resolve("one", answer.promise), resolve("one", answer.promise), resolve("one", answer.promise)];
    answer.reject(new Error("gone"));
    const outcomes = await Promise.allSettled(many);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(asked()).toBe(1);
    expect(await resolve("one", record("1", "One"))).not.toBeNull();
  });
});
