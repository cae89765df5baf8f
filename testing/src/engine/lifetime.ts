import { describe, expect, test } from "vitest";
import { alice, type EngineConformance, itemOf, openWorld } from "./world.ts";

const start = Date.UTC(2025, 0, 1);
const never = { sessionsBefore: 0, purgeBefore: 0 };

export const describeLifetime = (conformance: EngineConformance): void => {
  describe("lifetime", () => {
    test("MEM-7 never returns what has expired", async () => {
      await using world = await openWorld(conformance);
      const at = Date.now() - 1_000;
      const gone = await world.remember({
        content: "Flash sale on kayaks",
        expiresAt: at,
        tags: ["sale"],
        entity: "Kayak Shop",
      });
      const kept = await world.remember({
        content: "Kayaks are in the shed",
        expiresAt: at + 3_600_000,
        tags: ["sale"],
      });
      const reader = world.engine.read(world.space);
      expect(await reader.get(gone.id)).toBeNull();
      expect(await world.texts("kayaks")).toEqual([kept.content]);
      expect(await world.texts("kayaks", { tags: ["sale"], minRelevance: 0 })).toEqual([kept.content]);
      expect((await reader.list({ limit: 10 })).items.map(({ id }) => id)).toEqual([kept.id]);
      expect(await reader.entityMemories("Kayak Shop", 1, 10)).toEqual([]);
      expect((await reader.stats()).memories).toBe(1);
      const writer = world.engine.write(world.space, alice);
      const missing = { code: "memory.not_found" };
      await expect(writer.update({ id: gone.id, fields: { importance: 1 } })).rejects.toMatchObject(missing);
      await expect(writer.forget(gone.id, { purge: false })).rejects.toMatchObject(missing);
      await expect(world.correct(gone.id, "x")).rejects.toMatchObject(missing);
    });

    test("MEM-7 goes by the asker's clock in recall, to the millisecond, and knows the past", async () => {
      await using world = await openWorld(conformance);
      const expiresAt = Date.now() + 3_600_000;
      await world.remember({ content: "Guest code 1234", expiresAt });
      expect(await world.texts("guest code", { now: expiresAt - 1 })).toHaveLength(1);
      expect(await world.texts("guest code", { now: expiresAt })).toEqual([]);
      expect(await world.texts("guest code", { now: expiresAt, asOf: expiresAt - 1 })).toHaveLength(1);
      expect(await world.texts("guest code", { now: expiresAt, asOf: expiresAt + 1 })).toEqual([]);
    });

    test("MEM-7 leaves expired turns out of the context of a hit, and out of its conflicts", async () => {
      await using world = await openWorld(conformance);
      const turn = (content: string, sessionSeq: number, expiresAt: number | null) =>
        world.remember({ content, author: "Ann", sessionId: "s", sessionSeq, expiresAt });
      await turn("Ann's favorite color is red", 0, Date.now() - 1);
      await turn("Ann's favorite color is blue", 1, null);
      await turn("Nice", 2, null);
      const [hit] = await world.hits("favorite color blue", { context: 3 });
      expect(hit?.neighbours.map(({ content }) => content)).toEqual(["Nice"]);
      expect(hit?.conflicts).toEqual([]);
    });

    test("MEM-7 sweeps what has expired into the deleted, and purges that later", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      const now = Date.now();
      const short = await world.remember({ content: "Umbrella by the door", expiresAt: now - 5 });
      await world.remember({ content: "Umbrella in the car", expiresAt: now + 3_600_000 });
      expect(await writer.sweep({ now, ...never })).toEqual({ expired: 1, purged: 0, sessions: 0 });
      expect(await writer.sweep({ now, ...never })).toEqual({ expired: 0, purged: 0, sessions: 0 });
      expect((await world.engine.read(world.space).history(short.id)).at(-1)?.kind).toBe("delete");
      const restored = await writer.restore(short.id);
      expect(await world.engine.read(world.space).get(short.id)).toEqual(restored);
      await writer.forget(short.id, { purge: false });
      const purgeBefore = Date.now() + 1_000;
      expect(await writer.sweep({ now, sessionsBefore: 0, purgeBefore })).toMatchObject({ purged: 1 });
      expect(await world.engine.read(world.space).history(short.id)).toEqual([]);
      expect(await world.texts("umbrella")).toEqual(["Umbrella in the car"]);
    });

    test("MEM-7 sweeps more than fits one transaction", async () => {
      await using world = await openWorld(conformance);
      const expiresAt = Date.now() - 1;
      const drafts = Array.from({ length: 700 }, (_, at) => itemOf({ content: `Brief note ${at}`, expiresAt }));
      await world.rememberAll(await Promise.all(drafts));
      expect(await world.engine.write(world.space, alice).sweep({ now: Date.now(), ...never })).toMatchObject({
        expired: 700,
      });
      expect((await world.engine.read(world.space).list({ limit: 5 })).items).toEqual([]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test.skipIf(!conformance.takesClock)(
      "MEM-7 expires by the engine's own clock where nobody asks with another",
      async () => {
        let now = start;
        await using world = await openWorld(conformance, { clock: () => now });
        const stored = await world.remember({ content: "Lunch at noon", expiresAt: start + 10 });
        expect(stored).toMatchObject({ createdAt: start, updatedAt: start });
        const reader = world.engine.read(world.space);
        now = start + 9;
        expect(await reader.get(stored.id)).toEqual(stored);
        now = start + 10;
        expect(await reader.get(stored.id)).toBeNull();
        expect((await reader.list({ limit: 1 })).items).toEqual([]);
        expect((await reader.stats()).memories).toBe(0);
      },
    );

    test.skipIf(!conformance.takesClock)("MEM-3 orders its log even when the clock jumps back", async () => {
      let now = start;
      await using world = await openWorld(conformance, { clock: () => now });
      for (const at of [start, start - 60_000, start + 1, start + 1]) {
        now = at;
        await world.remember(`Written at ${at} ${Math.random()}`);
      }
      const clocks = (await world.engine.read(world.space).changes(0, 10)).map(({ clock }) => clock);
      expect(clocks).toEqual([...new Set(clocks)].toSorted());
    });
  });
};
