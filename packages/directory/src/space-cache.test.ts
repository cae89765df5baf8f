import { describe, expect, test } from "vitest";
import { makeSpaceCache } from "./space-cache.ts";
import type { SpaceRecord } from "./space-directory.ts";
import { referenceOf } from "./space-name.ts";

const record = (id: string, name: string, epoch = 0): SpaceRecord => ({
  id,
  name,
  description: null,
  rerank: null,
  cell: null,
  epoch,
  move: null,
  createdAt: 0,
  updatedAt: 0,
});

const setUp = (most = 10) => {
  const cache = makeSpaceCache(most);
  let asked = 0;
  const resolve = (nameOrId: string, answer: SpaceRecord | null | Promise<SpaceRecord | null>) =>
    cache.resolve(referenceOf(nameOrId)!, async () => {
      asked += 1;
      return answer;
    });
  return { cache, resolve, asked: () => asked };
};

describe("what a server remembers of spaces", () => {
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

  test("is found by id and by every way to write the name", async () => {
    const { cache, resolve, asked } = setUp();
    cache.trust(true);
    const one = record("1", "One");
    for (const reference of ["one", " ONE", "1", "ｏｎｅ"]) expect(await resolve(reference, one)).toBe(one);
    expect(asked()).toBe(1);
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
    const late = Promise.withResolvers<SpaceRecord>();
    const early = resolve("one", late.promise);
    cache.forget("1");
    const fresh = record("1", "One", 1);
    expect(await resolve("one", fresh)).toBe(fresh);
    late.resolve(record("1", "One", 0));
    expect(await early).toMatchObject({ epoch: 0 });
    expect(await resolve("one", null)).toBe(fresh);
  });

  test("is not what was asked before word of changes came", async () => {
    const { cache, resolve } = setUp();
    const late = Promise.withResolvers<SpaceRecord>();
    const early = resolve("one", late.promise);
    cache.trust(true);
    late.resolve(record("1", "One"));
    await early;
    expect(await resolve("one", null)).toBeNull();
  });

  test("follows a name from one space to another", async () => {
    const { cache, resolve } = setUp();
    cache.trust(true);
    await resolve("1", record("1", "name"));
    await resolve("2", record("2", "name"));
    cache.forget("1");
    expect(await resolve("name", null)).toMatchObject({ id: "2" });
    cache.forget("2");
    expect(await resolve("name", null)).toBeNull();
  });

  test("is asked for once by many at once, failures included", async () => {
    const { resolve, asked } = setUp();
    const answer = Promise.withResolvers<SpaceRecord>();
    const many = [resolve("one", answer.promise), resolve(" ONE ", answer.promise), resolve("one", answer.promise)];
    answer.reject(new Error("gone"));
    const outcomes = await Promise.allSettled(many);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(asked()).toBe(1);
    expect(await resolve("one", record("1", "One"))).not.toBeNull();
  });
});
