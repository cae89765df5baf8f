import { describe, expect, test } from "vitest";
import { alice, embed, type EngineConformance, openWorld, tick, type World } from "./world.ts";

const revise = async (world: World, id: string, content: string): Promise<void> => {
  await world.engine.write(world.space, alice).update({ id, fields: { content }, vectors: await embed(content) });
};

export const describeHistory = (conformance: EngineConformance): void => {
  describe("history", () => {
    test("MEM-3 keeps every version with who, which agent, when and what changed", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember({ content: "Draft", tags: ["a"], importance: 0.1 });
      await tick();
      const bob = world.engine.write(world.space, { principal: "bob", instance: "phone" });
      await bob.update({ id: stored.id, fields: { tags: ["a", "b"], importance: null } });
      await tick();
      await bob.forget(stored.id, { purge: false });
      const versions = await world.engine.read(world.space).history(stored.id);
      expect(versions.map(({ version, kind, by, agent }) => [version, kind, by, agent])).toEqual([
        [1, "create", "alice", "laptop"],
        [2, "update", "bob", "phone"],
        [3, "delete", "bob", "phone"],
      ]);
      expect(versions[0]?.memory).toEqual(stored);
      expect(versions[1]?.diff).toEqual({
        tags: { from: ["a"], to: ["a", "b"] },
        importance: { from: 0.1, to: null },
      });
      expect(versions[1]?.memory).toMatchObject({ tags: ["a", "b"], importance: null, content: "Draft" });
      expect(versions[0]!.at).toBeLessThan(versions[1]!.at);
      expect(versions[1]!.at).toBeLessThan(versions[2]!.at);
    });

    test("MEM-3 restores an old version as a new one, found by its own words and vectors", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember({ content: "Meeting in Oslo", tags: ["trip"] });
      const kept = await world.engine.read(world.space).vectors([stored.id]);
      await revise(world, stored.id, "Meeting moved to Lisbon");
      const restored = await world.engine.write(world.space, alice).restore(stored.id, 1);
      expect(restored).toMatchObject({ version: 3, content: "Meeting in Oslo", tags: ["trip"] });
      expect(await world.texts("Oslo")).toEqual(["Meeting in Oslo"]);
      expect(await world.texts("Lisbon")).toEqual([]);
      expect(await world.texts("Oslo", { tags: ["trip"] })).toHaveLength(1);
      expect(await world.engine.read(world.space).vectors([stored.id])).toEqual(kept);
      expect((await world.engine.read(world.space).history(stored.id)).map(({ kind }) => kind)).toEqual([
        "create",
        "update",
        "restore",
      ]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("MEM-3 undoes a delete", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember({ content: "Aurora borealis tonight", key: "sky", tags: ["x"] });
      const writer = world.engine.write(world.space, alice);
      await writer.forget(stored.id, { purge: false });
      expect(await world.texts("aurora")).toEqual([]);
      expect(await world.engine.read(world.space).get(stored.id)).toBeNull();
      const restored = await writer.restore(stored.id);
      expect(restored).toEqual({ ...stored, version: 3, updatedAt: restored.updatedAt });
      await world.reopen();
      expect(await world.texts("aurora", { key: "sky", tags: ["x"] })).toEqual(["Aurora borealis tonight"]);
    });

    test("MEM-3 undoes delete after delete", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember("Comet in the north");
      const writer = world.engine.write(world.space, alice);
      for (let round = 1; round <= 3; round++) {
        await writer.forget(stored.id, { purge: false });
        expect(await writer.restore(stored.id)).toMatchObject({
          version: 2 * round + 1,
          content: "Comet in the north",
        });
        expect(await world.texts("comet north")).toHaveLength(1);
      }
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("MEM-3 purges from every answer, and leaves what others hold", async () => {
      await using world = await openWorld(conformance);
      const reader = world.engine.read(world.space);
      const secret = await world.remember({ content: "Password xyzzy plugh for Mallory", tags: ["vault"], key: "pw" });
      await revise(world, secret.id, "Password frobozz for Mallory");
      const other = await world.remember("Say plugh to open the door");
      await tick();
      const before = Date.now();
      await tick();
      await world.engine.write(world.space, alice).forget(secret.id, { purge: true });
      expect(await reader.history(secret.id)).toEqual([]);
      expect(await reader.get(secret.id)).toBeNull();
      for (const query of ["xyzzy", "frobozz", "password"]) {
        expect(await world.texts(query)).toEqual([]);
        expect(await world.texts(query, { asOf: before })).toEqual([]);
      }
      expect(await world.texts("plugh")).toEqual([other.content]);
      expect(JSON.stringify(await reader.changes(0, 100))).not.toMatch(/xyzzy|frobozz|vault/);
      expect((await reader.stats()).byTag).toEqual({});
      await expect(world.engine.write(world.space, alice).restore(secret.id)).rejects.toMatchObject({
        code: "memory.not_found",
      });
      await world.reopen();
      expect(await world.texts("plugh")).toEqual([other.content]);
      const again = await world.remember("Password xyzzy again");
      expect(await world.texts("xyzzy")).toEqual([again.content]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });

    test("MEM-3 purges what was deleted or corrected before", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      const deleted = await world.remember("Quince jam recipe");
      await writer.forget(deleted.id, { purge: false });
      const wrong = await world.remember("Medlar jelly recipe");
      await world.correct(wrong.id, "Medlar cheese recipe");
      for (const { id } of [deleted, wrong]) {
        await writer.forget(id, { purge: true });
        expect(await world.engine.read(world.space).history(id)).toEqual([]);
      }
      expect(await world.texts("medlar")).toEqual(["Medlar cheese recipe"]);
      expect(await world.engine.check(world.space)).toEqual([]);
    });
  });
};
