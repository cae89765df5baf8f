import { defaultSpaceId } from "@cairn/directory/space-directory";
import { CairnError } from "@cairn/kernel/error";
import { makeFakeEngine } from "@cairn/testing/fake-engine";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { remember } from "../memories/remember.ts";
import { readStats } from "../stats/read.ts";
import { createSpace } from "./create.ts";
import { getSpace } from "./get.ts";
import { listSpaces } from "./list.ts";
import { removeSpace } from "./remove.ts";
import { updateSpace } from "./update.ts";

describe("spaces", () => {
  test("are created, found by id or name, changed and listed", async () => {
    const { call } = setUpOperations();
    const made = await call(createSpace, { name: " Project X ", description: "Secret." });
    expect(made).toMatchObject({ name: "Project X", description: "Secret.", createdAt: "2026-03-14T12:00:00.000Z" });
    expect(await call(getSpace, { space: made.id })).toEqual(made);
    expect(await call(getSpace, { space: "PROJECT x" })).toEqual(made);
    expect(await call(updateSpace, { space: "project x", name: "Project Y", description: null })).toMatchObject({
      id: made.id,
      name: "Project Y",
      description: null,
    });
    expect((await call(listSpaces, {})).spaces.map(({ name }) => name)).toEqual(["default", "Project Y"]);
    await expect(call(createSpace, { name: "project y" })).rejects.toMatchObject({ code: "space.name_taken" });
  });

  test("REC-4 keep how their recalls are ordered again, until it is left to the server", async () => {
    const { call } = setUpOperations();
    const made = await call(createSpace, { name: "ranked", rerank: "heuristic" });
    expect(made).toMatchObject({ rerank: "heuristic" });
    expect(await call(updateSpace, { space: "ranked", description: "Notes." })).toMatchObject({ rerank: "heuristic" });
    expect(await call(updateSpace, { space: "ranked", rerank: null })).toMatchObject({ rerank: null });
    expect(await call(createSpace, { name: "plain" })).toMatchObject({ rerank: null });
    expect(await call(updateSpace, { space: "default", rerank: "none" })).toMatchObject({ rerank: "none" });
  });

  test("take everything in them along when they go", async () => {
    const { call } = setUpOperations();
    const { id } = await call(createSpace, { name: "short-lived" });
    await call(remember, { content: "gone soon", space: id });
    expect(await call(removeSpace, { space: "short-lived" })).toEqual({ success: true, id });
    await expect(call(readStats, { space: id })).rejects.toMatchObject({ code: "space.not_found" });
    const again = await call(createSpace, { name: "short-lived" });
    expect(await call(readStats, { space: again.id })).toMatchObject({ totalMemories: 0 });
  });

  test("ENG-8 keep everything in them while they are moved to another cell", async () => {
    const { call, services } = setUpOperations();
    const { id } = await call(createSpace, { name: "moving" });
    await call(remember, { content: "on its way", space: id });
    const record = await services.directory.resolve(id);
    const moving = await services.directory.advanceMove(record!, { kind: "start", to: "other" });
    await expect(call(removeSpace, { space: id })).rejects.toMatchObject({ code: "storage.busy" });
    expect(await call(readStats, { space: id })).toMatchObject({ totalMemories: 1 });
    await services.directory.advanceMove(moving!, { kind: "abandon" });
    expect(await call(removeSpace, { space: id })).toEqual({ success: true, id });
  });

  test("include the default one for good", async () => {
    const { call } = setUpOperations();
    await expect(call(removeSpace, { space: defaultSpaceId })).rejects.toMatchObject({ code: "request.invalid" });
    await expect(call(updateSpace, { space: "default", name: "mine" })).rejects.toMatchObject({
      code: "request.invalid",
    });
    expect(await call(updateSpace, { space: "default", description: "Mine." })).toMatchObject({
      name: "default",
      description: "Mine.",
    });
  });

  test("leave no name behind when their storage cannot be made", async () => {
    const broken = {
      ...makeFakeEngine(),
      create: () => Promise.reject(new CairnError("storage.full", "The disk is full.")),
    };
    const { call } = setUpOperations({ engine: broken });
    await expect(call(createSpace, { name: "x" })).rejects.toMatchObject({ code: "storage.full" });
    expect((await call(listSpaces, {})).spaces).toHaveLength(1);
  });

  test.each([
    [createSpace, { name: "" }, "name must be 1 to 100 characters"],
    [createSpace, { name: "x".repeat(101) }, "this has 101"],
    [createSpace, { name: "a\nb" }, "control characters"],
    [createSpace, { name: "x", description: "y".repeat(1_001) }, "this has 1001"],
    [createSpace, { name: "x", rerank: "magic" }, "rerank must be none, heuristic or cross-encoder"],
    [getSpace, {}, "space"],
    [getSpace, { space: "nowhere" }, "no such space"],
  ])("API-3 refuse bad input", async (operation, input, message) => {
    const { call } = setUpOperations();
    await expect(call(operation as typeof createSpace, input)).rejects.toThrow(message);
  });
});
