import { makeFakeEngine } from "@cairn/testing/fake-engine";
import { setUpOperations } from "@cairn/testing/setup-operations";
import type { Engine } from "@cairn/memory/space/engine";
import { describe, expect, test } from "vitest";
import { ingestSession } from "./ingest.ts";
import { sessionMessages } from "./messages.ts";
import { searchSessions } from "./search.ts";

const message = (content: string, timestamp: string | null = "2026-03-01T10:00:00Z") => ({
  role: "user",
  content,
  timestamp,
});
const talk = { sessionId: "s1", messages: [message("one apple"), message("two pears"), message("three plums")] };

/** An engine whose session keeps growing for so many attempts. */
const growing = (times: number): Engine => {
  const engine = makeFakeEngine();
  let left = times;
  return {
    ...engine,
    write: (space, actor) => {
      const writer = engine.write(space, actor);
      return {
        ...writer,
        ingestSession: async (ingest, vectors) =>
          left-- > 0 ? { status: "replan" } : writer.ingestSession(ingest, vectors),
      };
    },
  };
};

describe("sessions", () => {
  test("MEM-9 are taken in, embedded first, and each message once", async () => {
    const { call, embedder } = setUpOperations();
    expect(await call(ingestSession, talk)).toEqual({
      success: true,
      chunksCreated: 3,
      messagesProcessed: 3,
      error: null,
    });
    expect(embedder.passageCalls).toEqual([["one apple", "two pears", "three plums"]]);
    const more = { ...talk, messages: [...talk.messages, message("four figs")] };
    expect(await call(ingestSession, more)).toMatchObject({ messagesProcessed: 1 });
    expect(await call(ingestSession, { ...talk, messages: [] })).toMatchObject({ success: true, messagesProcessed: 0 });
  });

  test("MEM-9 are planned again while they grow, five times at most", async () => {
    const patient = setUpOperations({ engine: growing(4) });
    expect(await patient.call(ingestSession, talk)).toMatchObject({ success: true });
    expect(patient.embedder.passageCalls).toHaveLength(5);
    const { call } = setUpOperations({ engine: growing(20) });
    await expect(call(ingestSession, talk)).rejects.toMatchObject({ code: "storage.busy" });
  });

  test("MEM-9 are read message by message, page by page", async () => {
    const { call } = setUpOperations();
    await call(ingestSession, talk);
    const first = await call(sessionMessages, { sessionId: "s1", limit: 2 });
    expect(first.messages).toEqual([
      { role: "user", content: "one apple", timestamp: "2026-03-01T10:00:00.000Z" },
      { role: "user", content: "two pears", timestamp: "2026-03-01T10:00:00.000Z" },
    ]);
    const second = await call(sessionMessages, { sessionId: "s1", limit: 2, cursor: first.cursor });
    expect(second.messages.map(({ content }) => content)).toEqual(["three plums"]);
    expect(second.cursor).toBeNull();
    await expect(call(sessionMessages, { sessionId: "nobody" })).rejects.toMatchObject({ code: "session.not_found" });
    await expect(call(sessionMessages, { sessionId: "s1", cursor: "x" })).rejects.toMatchObject({
      code: "request.invalid",
    });
  });

  test("MEM-9 give a message without a time the time of its arrival", async () => {
    const { call } = setUpOperations();
    await call(ingestSession, { sessionId: "s", messages: [message("undated", null)] });
    expect((await call(sessionMessages, { sessionId: "s" })).messages[0]?.timestamp).toBe("2026-03-14T12:00:00.000Z");
  });

  test("MEM-9 are searched, with the total and the rest to come", async () => {
    const { call } = setUpOperations();
    await call(ingestSession, { ...talk, instanceId: "agent-7" });
    await call(ingestSession, { sessionId: "s2", messages: [message("one more apple")] });
    const answer = await call(searchSessions, { query: "apple", limit: 1 });
    expect(answer).toMatchObject({ totalCount: 4, offset: 0, limit: 1, hasMore: true, error: null });
    expect(await call(searchSessions, { query: "apple", sessionId: "s1", minRelevance: 0.9 })).toMatchObject({
      results: [{ sessionId: "s1", instanceId: "agent-7", content: "one apple", similarityScore: 1, chunkIndex: 0 }],
      totalCount: 1,
      hasMore: false,
    });
    expect((await call(searchSessions, { query: "apple", minRelevance: -1, offset: 3 })).results).toHaveLength(1);
  });

  test.each([
    [ingestSession, { messages: [] }, "session_id"],
    [ingestSession, { sessionId: " ", messages: [] }, "session_id must not be blank"],
    [ingestSession, { sessionId: "s", messages: "[]" }, "messages must be a list"],
    [ingestSession, { sessionId: "s", messages: [{ role: "user" }] }, "messages.0.content"],
    [ingestSession, { sessionId: "s", messages: [message("a\0")] }, "U+0000"],
    [ingestSession, { sessionId: "s", messages: [message("a", "soon")] }, "timestamp must be an RFC 3339 time"],
    [
      ingestSession,
      { sessionId: "s", messages: Array.from({ length: 10_001 }, () => message("a")) },
      "these are 10001",
    ],
    [searchSessions, {}, "query"],
    [searchSessions, { query: "x", limit: 51 }, "limit must be a whole number from 1 to 50"],
    [searchSessions, { query: "x", offset: -1 }, "offset must be a whole number"],
  ])("API-3 refuse bad input", async (operation, input, expected) => {
    const { call } = setUpOperations();
    const answer = call(operation as typeof ingestSession, input);
    await expect(answer).rejects.toMatchObject({ code: "request.invalid" });
    await expect(answer).rejects.toThrow(expected);
  });
});
