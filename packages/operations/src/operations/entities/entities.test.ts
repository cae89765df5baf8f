import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { remember } from "../memories/remember.ts";
import { entityGraph } from "./graph.ts";
import { entityMemories } from "./memories.ts";
import { searchEntities } from "./search.ts";

const setUp = async () => {
  const setup = setUpOperations();
  await setup.call(remember, { content: "Redis keeps sessions.", entity: "Redis" });
  await setup.call(remember, { content: "Redis runs on port 6379.", entity: "Redis" });
  await setup.call(remember, { content: "Anna runs it.", entity: "Anna" });
  return setup;
};

describe("entities", () => {
  test("MEM-8 are found by a part of their name", async () => {
    const { call } = await setUp();
    expect(await call(searchEntities, { q: "red" })).toEqual({
      entities: [{ name: "Redis", type: "thing", aliases: [], mentions: 2 }],
    });
    expect((await call(searchEntities, {})).entities).toHaveLength(2);
    expect((await call(searchEntities, { limit: 1 })).entities).toHaveLength(1);
  });

  test("MEM-8 are shown with their neighbours and relations", async () => {
    const { call } = await setUp();
    expect(await call(entityGraph, { name: "redis" })).toMatchObject({
      entities: [{ name: "Redis", hops: 0 }],
      relationships: [],
    });
    await expect(call(entityGraph, { name: "Nobody" })).rejects.toMatchObject({ code: "entity.not_found" });
  });

  test("MEM-8 lead to the memories that name them", async () => {
    const { call } = await setUp();
    expect(await call(entityMemories, { name: "Redis", limit: 1 })).toMatchObject({
      entity: "Redis",
      hops: 1,
      count: 1,
      results: [{ entity: "Redis" }],
    });
    expect(await call(entityMemories, { name: "Nobody" })).toMatchObject({ results: [], count: 0 });
  });

  test.each([
    [entityGraph, { name: "x", hops: 6 }, "hops must be a whole number from 1 to 5"],
    [entityMemories, { name: "x", hops: 11 }, "hops must be a whole number from 1 to 10"],
    [entityMemories, { name: " " }, "name must be 1 to 255 characters"],
    [searchEntities, { q: "x".repeat(256) }, "this has 256"],
  ])("API-3 refuse bad input", async (operation, input, message) => {
    const { call } = setUpOperations();
    await expect(call(operation as typeof entityGraph, input)).rejects.toThrow(message);
  });
});
