import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { recall } from "../recall/recall.ts";
import { correct } from "./correct.ts";
import { getMemory } from "./get.ts";
import { remember } from "./remember.ts";

const original = {
  content: "Anna lives in Bonn.",
  tags: ["people"],
  category: "fact",
  entity: "Anna",
  author: "Ben",
  sessionId: "s",
  sessionSeq: 2,
};

describe("correct", () => {
  test("MEM-4 puts a new memory in the place of the old, with what it does not say taken over", async () => {
    const { call } = setUpOperations();
    const { memoryId } = await call(remember, original);
    const answer = await call(correct, {
      originalId: memoryId,
      correctedContent: "Anna lives in Berlin.",
      context: "She moved.",
    });
    expect(answer).toMatchObject({ success: true, status: "stored", error: null });
    expect(answer.memoryId).not.toBe(memoryId);
    expect(await call(getMemory, { id: answer.memoryId })).toMatchObject({
      ...original,
      content: "Anna lives in Berlin.",
      context: "She moved.",
      sourceType: "correction",
      supersedes: memoryId,
    });
    const { results } = await call(recall, { query: "Where does Anna live?", minRelevance: 0 });
    expect(results.map((result) => result.type === "memory" && result.memory.content)).toEqual([
      "Anna lives in Berlin.",
    ]);
  });

  test("MEM-11 does not make a person's word of a text from the web, unless a person says it", async () => {
    const { call } = setUpOperations();
    const { memoryId } = await call(remember, { content: "It says so.", sourceUri: "https://example.org" });
    const { memoryId: corrected } = await call(correct, {
      originalId: memoryId,
      correctedContent: "It says otherwise.",
    });
    expect(await call(getMemory, { id: corrected })).toMatchObject({ trust: "web" });
    const agents = await call(remember, { content: "An agent's guess." });
    const byPerson = { originalId: agents.memoryId, correctedContent: "A person's word.", sourceType: "user_explicit" };
    expect(await call(getMemory, { id: (await call(correct, byPerson)).memoryId })).toMatchObject({ trust: "person" });
  });

  test.each([
    [{ originalId: "", correctedContent: "x" }, "original_id must be 1 to 255"],
    [{ originalId: "a", correctedContent: " " }, "corrected_content must not be blank"],
    [{ originalId: "a", correctedContent: "x".repeat(50_001) }, "this has 50001"],
    [{ correctedContent: "x" }, "original_id"],
  ])("API-3 refuses %j", async (input, message) => {
    const { call } = setUpOperations();
    await expect(call(correct, input)).rejects.toThrow(message);
  });

  test("says so when there is no such memory", async () => {
    const { call } = setUpOperations();
    await expect(call(correct, { originalId: "nope", correctedContent: "x" })).rejects.toMatchObject({
      code: "memory.not_found",
    });
  });
});
