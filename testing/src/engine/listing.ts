import { describe, expect, test } from "vitest";
import { alice, type EngineConformance, itemOf, openWorld } from "./world.ts";

export const describeListing = (conformance: EngineConformance): void => {
  describe("lists and counts", () => {
    test("MEM-1 pages through memories in both orders, each once, though others are written meanwhile", async () => {
      await using world = await openWorld(conformance);
      const items = Array.from({ length: 25 }, (_, at) =>
        itemOf({ content: `Entry ${at}`, tags: [at % 2 === 0 ? "even" : "odd"] }),
      );
      const outcomes = await world.rememberAll(await Promise.all(items));
      expect(outcomes).toHaveLength(25);
      for (const order of ["newest", "oldest"] as const) {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await world.engine
            .read(world.space)
            .list({ limit: 4, order, tags: ["even"], ...(cursor !== null && { cursor }) });
          expect(page.items.length).toBeLessThanOrEqual(4);
          seen.push(...page.items.map(({ content }) => content));
          cursor = page.cursor;
          if (order === "newest")
            await world.remember({ content: `Late ${seen.length} ${Math.random()}`, tags: ["even"] });
        } while (cursor !== null && seen.length < 100);
        const expected = Array.from({ length: 13 }, (_, at) => `Entry ${2 * at}`);
        if (order === "oldest") expect(seen.slice(0, 13)).toEqual(expected);
        else expect(seen).toEqual(expected.toReversed());
      }
    });

    test("MEM-1 ends a list without an empty page, and refuses a cursor that it did not give", async () => {
      await using world = await openWorld(conformance);
      for (let at = 0; at < 4; at++) await world.remember(`Item ${at}`);
      const reader = world.engine.read(world.space);
      expect((await reader.list({ limit: 4 })).cursor).toBeNull();
      expect((await reader.list({ limit: 3 })).cursor).not.toBeNull();
      for (const cursor of ["", "x", "MTI", "'; DROP TABLE memories"]) {
        await expect(reader.list({ limit: 3, cursor })).rejects.toMatchObject({ code: "request.invalid" });
      }
    });

    test("MEM-1 counts what is current", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      await world.remember({ content: "One", tags: ["a", "b"], category: "fact" });
      await world.remember(
        { content: "Two", tags: ["a"], sourceType: "legacy" },
        {},
        { principal: "alice", instance: "phone" },
      );
      const three = await world.remember({ content: "Three", tags: ["a"] });
      await world.correct(three.id, "Three and a half");
      const four = await world.remember("Four");
      await writer.forget(four.id, { purge: false });
      await world.ingest("s", [{ role: "user", content: "hello there", at: 1, timed: true }]);
      const stats = await world.engine.read(world.space).stats();
      expect(stats).toMatchObject({
        memories: 3,
        corrections: 1,
        sessions: 1,
        sessionChunks: 1,
        bySourceType: { user_explicit: 1, legacy: 1, correction: 1 },
        byTag: { a: 3, b: 1 },
        byInstance: { laptop: 2, phone: 1 },
        byCategory: { fact: 1 },
      });
      expect(stats.bytes).toBeGreaterThan(0);
    });
  });
};
