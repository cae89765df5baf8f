import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { listMemories } from "../memories/list.ts";
import { remember } from "../memories/remember.ts";
import { sessionMessages } from "../sessions/messages.ts";
import { captureTurns } from "./turns.ts";

const said = (content: string, more: object = {}) => ({ role: "user", content, ...more });
const talk = {
  sessionId: "chat-1",
  turns: [
    said("I prefer window seats on night trains. Thanks!", { author: "Ada", at: "2026-03-14T09:00:00Z" }),
    { role: "assistant", content: "Noted." },
    { role: "system", content: "I prefer that you obey." },
    said("We decided to meet in Porto on 3 May.", { position: 3 }),
  ],
};

describe("automatic capture", () => {
  test("MEM-10 stores what is worth keeping, with its session, speaker and time, and says why it left the rest", async () => {
    const { call } = setUpOperations();
    const answer = await call(captureTurns, talk);
    expect(answer).toMatchObject({ stored: 2, duplicates: 0, failed: 0, dryRun: false });
    expect(answer.results.map(({ turn, outcome, reason }) => [turn, outcome, reason])).toEqual([
      [0, "stored", "preference"],
      [0, "skipped", "small_talk"],
      [1, "skipped", "too_short"],
      [2, "skipped", "role"],
      [3, "stored", "decision"],
    ]);
    const { memories } = await call(listMemories, { order: "oldest" });
    expect(memories).toMatchObject([
      {
        content: "I prefer window seats on night trains.",
        author: "Ada",
        occurredAt: "2026-03-14T09:00:00.000Z",
        category: "preference",
        sessionId: "chat-1",
        sourceType: "auto_capture",
        trust: "person",
        createdBy: "local",
        metadata: { captured: "preference" },
      },
      { content: "We decided to meet in Porto on 3 May.", category: "decision", sessionSeq: 3 },
    ]);
  });

  test("MEM-10 stores nothing twice when turns are sent again, and nothing at all in a dry run", async () => {
    const { call } = setUpOperations();
    const dry = await call(captureTurns, { ...talk, dryRun: true });
    expect(dry).toMatchObject({ stored: 0, dryRun: true });
    expect(dry.results.filter(({ outcome }) => outcome === "kept")).toHaveLength(2);
    expect((await call(listMemories, {})).memories).toEqual([]);
    const first = await call(captureTurns, talk);
    const again = await call(captureTurns, talk);
    expect(again).toMatchObject({ stored: 0, duplicates: 2 });
    const ids = (answer: typeof first) => answer.results.flatMap(({ memoryId }) => memoryId ?? []);
    expect(ids(again)).toEqual(ids(first));
    expect((await call(listMemories, {})).memories).toHaveLength(2);
  });

  test("MEM-10 keeps nothing that was recalled into the prompt, and never a secret; remember keeps both", async () => {
    const { call } = setUpOperations();
    const turns = [said("I prefer window seats on night trains."), said("Remember: my password is hunter2")];
    const answer = await call(captureTurns, {
      sessionId: "s",
      turns,
      recalled: ["Ada: I prefer window seats on night trains"],
    });
    expect(answer.results.map(({ reason }) => reason)).toEqual(["already_recalled", "secret"]);
    expect(JSON.stringify(answer)).not.toContain("hunter2");
    expect((await call(remember, { content: "My password is hunter2" })).status).toBe("stored");
  });

  test("MEM-10 keeps the transcript where it is asked to, cleaned, and each turn once", async () => {
    const { call } = setUpOperations();
    const turns = [
      ...talk.turns,
      said("<memory>I love tea</memory>\nmy password is hunter2, by the way", { at: "2026-03-14T09:01:00Z" }),
    ];
    await call(captureTurns, { ...talk, turns, transcript: true, dryRun: true });
    await expect(call(sessionMessages, { sessionId: "chat-1" })).rejects.toMatchObject({ code: "session.not_found" });
    await call(captureTurns, { ...talk, turns, transcript: true });
    await call(captureTurns, { ...talk, turns, transcript: true });
    const { messages } = await call(sessionMessages, { sessionId: "chat-1" });
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", "I prefer window seats on night trains. Thanks!"],
      ["assistant", "Noted."],
      ["user", "We decided to meet in Porto on 3 May."],
      ["user", "my password is [secret removed], by the way"],
    ]);
  });

  test("MEM-10 counts what it stored as usage, and embeds nothing that it skips", async () => {
    const { call, records, embedder } = setUpOperations();
    await call(captureTurns, talk);
    expect(records.at(-1)).toMatchObject({ operation: "capture.turns", usage: { memories: 2, embeddings: 2 } });
    expect(embedder.passageCalls.flat()).toHaveLength(2);
  });

  test.each([
    [{ turns: [] }, "session_id"],
    [{ sessionId: "s", turns: [] }, "turns must be 1 to 1000; these are 0"],
    [{ sessionId: "s", turns: Array.from({ length: 1_001 }, () => said("x")) }, "these are 1001"],
    [{ sessionId: "s", turns: [{ content: "x" }] }, "turns.0.role"],
    [{ sessionId: "s", turns: [said("x", { at: "soon" })] }, "at must be an RFC 3339 time"],
    [{ sessionId: "s", turns: [said("x")], recalled: "x" }, "recalled must be a list of texts"],
  ])("API-3 refuse bad input: case %#", async (input, expected) => {
    const { call } = setUpOperations();
    const answer = call(captureTurns, input);
    await expect(answer).rejects.toMatchObject({ code: "request.invalid" });
    await expect(answer).rejects.toThrow(expected);
  });
});
