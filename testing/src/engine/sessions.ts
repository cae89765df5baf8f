import { describe, expect, test } from "vitest";
import type { SessionMessage } from "@cairn/memory/space/engine";
import { alice, along, type EngineConformance, openWorld, type World } from "./world.ts";

const start = Date.UTC(2025, 5, 1);

/** A transcript whose every message holds a word of its own and about 150 characters. */
const transcript = (count: number, timed = true): readonly SessionMessage[] =>
  Array.from({ length: count }, (_, at) => ({
    role: at % 2 === 0 ? "user" : "assistant",
    content: `marker${at} ${`filler words of turn ${at} `.repeat(6)}`.trim(),
    at: start + at * 1_000,
    timed,
  }));

const allMessages = (world: World, sessionId = "s"): Promise<readonly SessionMessage[]> =>
  world.engine.read(world.space).sessionMessages(sessionId, 0, 10_000);

export const describeSessions = (conformance: EngineConformance): void => {
  describe("sessions", () => {
    test("MEM-9 gives back a transcript as it was said, in pages", async () => {
      await using world = await openWorld(conformance);
      const messages = transcript(30);
      expect(await world.ingest("s", messages)).toMatchObject({ status: "ingested", messagesProcessed: 30 });
      expect(await allMessages(world)).toEqual(messages);
      const reader = world.engine.read(world.space);
      expect(await reader.sessionMessages("s", 10, 5)).toEqual(messages.slice(10, 15));
      expect(await reader.sessionMessages("other", 0, 5)).toEqual([]);
    });

    test.each([true, false])(
      "MEM-9 takes a transcript sent again whole, in part or as news (timed: %s)",
      async (timed) => {
        await using world = await openWorld(conformance);
        const messages = transcript(40, timed);
        await world.ingest("s", messages.slice(0, 10));
        expect(await world.ingest("s", messages.slice(0, 10))).toMatchObject({
          messagesProcessed: 0,
          chunksCreated: 0,
        });
        expect(await world.ingest("s", messages.slice(0, 20))).toMatchObject({ messagesProcessed: 10 });
        expect(await world.ingest("s", messages.slice(20, 25))).toMatchObject({ messagesProcessed: 5 });
        expect(await world.ingest("s", messages.slice(18, 40))).toMatchObject({ messagesProcessed: 15 });
        expect(await world.ingest("s", messages.slice(5, 9))).toMatchObject({ messagesProcessed: 0 });
        expect(await allMessages(world)).toEqual(messages);
        expect(await world.engine.check(world.space)).toEqual([]);
      },
    );

    test("MEM-9 keeps the same words said at two times", async () => {
      await using world = await openWorld(conformance);
      const said = { role: "user", content: "ok", timed: true };
      const messages = [1, 2, 3].map((second) => ({ ...said, at: start + second }));
      for (const message of messages) await world.ingest("s", [message]);
      expect(await allMessages(world)).toEqual(messages);
    });

    test("MEM-9 finds every message, whether it came at once or piece by piece, after a restart too", async () => {
      await using world = await openWorld(conformance);
      const messages = transcript(60);
      await world.ingest("whole", messages);
      for (let sent = 0; sent < 60; sent += 7) await world.ingest("pieces", messages.slice(sent, sent + 7));
      await world.reopen();
      for (const at of [0, 6, 7, 29, 59]) {
        const found = await world.searchSessions(`marker${at}`, { limit: 50 });
        const sessions = found
          .filter(({ chunk }) => chunk.content.includes(`marker${at} `))
          .map(({ chunk }) => chunk.sessionId);
        expect(new Set(sessions)).toEqual(new Set(["whole", "pieces"]));
      }
      const chunks = async (sessionId: string) =>
        (await world.searchSessions("marker0 filler words", { sessionId, limit: 50, minRelevance: 0 }))
          .map(({ chunk }) => [chunk.chunkIndex, chunk.content, chunk.startTime, chunk.endTime] as const)
          .toSorted(([a], [b]) => a - b);
      expect(await chunks("pieces")).toEqual(await chunks("whole"));
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("MEM-9 leaves earlier chunks as they are when a session grows, and replaces the last", async () => {
      await using world = await openWorld(conformance);
      const messages = transcript(40);
      await world.ingest("s", messages.slice(0, 25));
      const chunks = async () =>
        new Map(
          (await world.searchSessions("filler", { limit: 50, minRelevance: 0 })).map(({ chunk }) => [
            chunk.chunkIndex,
            chunk,
          ]),
        );
      const before = await chunks();
      await world.ingest("s", messages);
      const after = await chunks();
      expect(after.size).toBeGreaterThan(before.size);
      const last = Math.max(...before.keys());
      for (const [index, chunk] of before) {
        if (index < last) expect(after.get(index)).toEqual(chunk);
        else expect(after.get(index)?.content.startsWith(chunk.content)).toBe(true);
      }
      expect(after.get(last)?.chunkId).toBe(before.get(last)?.chunkId);
    });

    test("MEM-9 refuses nothing and stores nothing while a chunk has no vector yet", async () => {
      await using world = await openWorld(conformance);
      const ingest = { sessionId: "s", instanceId: "laptop", messages: transcript(3) };
      const outcome = await world.engine.write(world.space, alice).ingestSession(ingest, new Map());
      expect(outcome).toEqual({ status: "replan" });
      expect(await allMessages(world)).toEqual([]);
      expect(await world.engine.read(world.space).changes(0, 5)).toEqual([]);
    });

    test("MEM-9 filters by session, instance and time, and answers with both kinds on request", async () => {
      await using world = await openWorld(conformance);
      await world.ingest("a", [{ role: "user", content: "The lighthouse is white", at: start, timed: true }]);
      await world.ingest("b", [
        { role: "user", content: "The lighthouse is red", at: start + 86_400_000, timed: true },
      ]);
      await world.remember("The lighthouse is old");
      const sessions = async (more: object) =>
        (await world.searchSessions("lighthouse", more)).map(({ chunk }) => chunk.sessionId);
      expect((await sessions({})).toSorted()).toEqual(["a", "b"]);
      expect(await sessions({ sessionId: "b" })).toEqual(["b"]);
      expect(await sessions({ sourceInstance: "desktop" })).toEqual([]);
      expect((await sessions({ sourceInstance: "laptop" })).length).toBe(2);
      expect(await sessions({ after: start + 1 })).toEqual(["b"]);
      expect(await sessions({ before: start + 1 })).toEqual(["a"]);
      expect((await world.recall("lighthouse", { include: "all" })).hits.map(({ type }) => type).toSorted()).toEqual([
        "memory",
        "session",
        "session",
      ]);
      expect(await world.texts("lighthouse")).toEqual(["The lighthouse is old"]);
      expect(await world.searchSessions("nothing", { vector: along(1) })).toEqual([]);
    });

    test("MEM-9 ranks memories and transcripts as one list, paged without gaps or repeats", async () => {
      await using world = await openWorld(conformance);
      await world.ingest("s", transcript(60));
      for (let at = 0; at < 12; at++) {
        const filler = at % 3 === 0 ? "filler words of turn" : "words";
        await world.remember(`Note ${at} on marker${at}: ${filler}`, { skipDedup: true });
      }
      const ask = async (more: object) =>
        (await world.recall("marker3 filler words", { include: "all", minRelevance: 0, limit: 50, ...more })).hits;
      const all = await ask({});
      expect(new Set(all.map(({ type }) => type))).toEqual(new Set(["memory", "session"]));
      const scores = all.map(({ similarity }) => similarity);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      const first = all.findIndex(({ type }) => type === "session");
      expect(first).toBeGreaterThanOrEqual(0);
      expect(all.slice(first).some(({ type }) => type === "memory")).toBe(true);
      const paged: unknown[] = [];
      for (let offset = 0; offset < all.length; offset += 5) paged.push(...(await ask({ limit: 5, offset })));
      expect(paged).toEqual(all);
      expect((await world.recall("marker3", { include: "all", minRelevance: 0, limit: 1 })).total).toBe(all.length);
    });

    test("MEM-9 gives the passages around a hit in its session on request, in order, and no others", async () => {
      await using world = await openWorld(conformance);
      await world.ingest("s", transcript(60));
      await world.ingest("other", transcript(60));
      const all = (await world.searchSessions("filler words", { sessionId: "s", limit: 50, minRelevance: 0 }))
        .map(({ chunk }) => chunk)
        .toSorted((a, b) => a.chunkIndex - b.chunkIndex);
      expect(all.length).toBeGreaterThan(4);
      const ask = async (context: number) => {
        const more = { sessionId: "s", limit: 50, minRelevance: 0, context };
        return world.searchSessions("filler words", more);
      };
      for (const context of [0, 1, 2, 10]) {
        for (const { chunk, neighbours } of await ask(context)) {
          const at = chunk.chunkIndex;
          expect(neighbours).toEqual([
            ...all.slice(Math.max(0, at - context), at),
            ...all.slice(at + 1, at + 1 + context),
          ]);
        }
      }
    });

    test.skipIf(!conformance.takesClock)("MEM-9 drops sessions by their age and forgets their words", async () => {
      let now = start;
      await using world = await openWorld(conformance, { clock: () => now });
      await world.ingest("old", transcript(20));
      now += 86_400_000;
      await world.ingest(
        "new",
        // What was said long ago and arrives today counts as of today.
        transcript(5).map((message) => ({ ...message, at: message.at - 86_400_000 })),
      );
      const writer = world.engine.write(world.space, alice);
      const sweep = { now: Date.now(), purgeBefore: 0, sessionsBefore: start + 3_600_000 };
      expect(await writer.sweep(sweep)).toEqual({ expired: 0, purged: 0, sessions: 1 });
      expect(await allMessages(world, "old")).toEqual([]);
      expect(await world.searchSessions("marker19")).toEqual([]);
      expect(await world.searchSessions("marker4")).toHaveLength(1);
      expect(await world.engine.read(world.space).stats()).toMatchObject({ sessions: 1 });
      await world.reopen();
      expect(await world.searchSessions("marker19")).toEqual([]);
      expect(await world.ingest("old", transcript(20))).toMatchObject({ messagesProcessed: 20 });
      expect(await world.searchSessions("marker19")).not.toEqual([]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });
  });
};
