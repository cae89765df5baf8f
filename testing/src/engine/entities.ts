import { describe, expect, test } from "vitest";
import { alice, embed, type EngineConformance, openWorld } from "./world.ts";

export const describeEntities = (conformance: EngineConformance): void => {
  describe("entities", () => {
    test("MEM-8 finds who works where, neighbours by hops, and the memories that name them", async () => {
      await using world = await openWorld(conformance);
      const first = await world.remember("Maria Lopez works at Initech Corporation");
      const second = await world.remember("Initech Corporation uses PostgreSQL");
      const other = await world.remember("Bruno Keller lives in Vienna");
      const reader = world.engine.read(world.space);
      const graph = await reader.entityGraph("maria lopez", 1);
      const at = new Map(graph?.entities.map(({ name, hops }) => [name, hops]));
      expect(at.get("Maria Lopez")).toBe(0);
      expect(at.get("Initech Corporation")).toBe(1);
      expect(at.has("PostgreSQL")).toBe(false);
      expect(graph?.relationships).toContainEqual(
        expect.objectContaining({ source: "Maria Lopez", target: "Initech Corporation" }),
      );
      const wider = await reader.entityGraph("Maria Lopez", 2);
      expect(wider?.entities.find(({ name }) => name === "PostgreSQL")?.hops).toBe(2);
      expect((await reader.entityMemories("Maria Lopez", 0, 10)).map(({ id }) => id)).toEqual([first.id]);
      expect((await reader.entityMemories("Maria Lopez", 1, 10)).map(({ id }) => id)).toEqual([first.id, second.id]);
      expect((await reader.entityMemories("Maria Lopez", 1, 1)).map(({ id }) => id)).toEqual([first.id]);
      expect((await reader.entities("keller", 5)).map(({ name }) => name)).toEqual(["Bruno Keller"]);
      expect((await reader.entityMemories("Bruno Keller", 3, 10)).map(({ id }) => id)).toEqual([other.id]);
      expect(await reader.entityGraph("Nobody Here", 2)).toBeNull();
      expect(await reader.entityMemories("Nobody Here", 2, 5)).toEqual([]);
    });

    test("MEM-8 counts mentions, lists by them, and takes wildcards as letters", async () => {
      await using world = await openWorld(conformance);
      await world.remember("Maria Lopez called");
      await world.remember("Maria Lopez wrote to Bruno Keller");
      const reader = world.engine.read(world.space);
      const all = await reader.entities("", 10);
      expect(all[0]).toMatchObject({ name: "Maria Lopez", mentions: 2 });
      expect(await reader.entities("%", 10)).toEqual([]);
      expect(await reader.entities("_", 10)).toEqual([]);
      expect(await reader.entities("'", 10)).toEqual([]);
      expect(await reader.entities("", 1)).toHaveLength(1);
    });

    test("MEM-8 takes the entity that the writer names, whatever the text says", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember({ content: "prefers window seats", entity: "The  Zürich Office" });
      const reader = world.engine.read(world.space);
      for (const name of ["zurich office", "Zürich Office", "ZÜRICH OFFICE"]) {
        expect((await reader.entityMemories(name, 0, 5)).map(({ id }) => id)).toEqual([stored.id]);
        expect(await world.texts("window seats", { entity: name })).toEqual([stored.content]);
        expect((await reader.list({ entity: name, limit: 5 })).items.map(({ id }) => id)).toEqual([stored.id]);
      }
    });

    test("MEM-8 goes by aliases too", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember("Robert Smith, also known as Bob Smith, called");
      const reader = world.engine.read(world.space);
      const [node] = await reader.entities("robert", 5);
      expect(node?.aliases).toContain("Bob Smith");
      expect((await reader.entityMemories("bob smith", 0, 5)).map(({ id }) => id)).toEqual([stored.id]);
      expect(await reader.entityGraph("Bob Smith", 0)).not.toBeNull();
    });

    test("MEM-8 forgets an entity with the last memory that names it", async () => {
      await using world = await openWorld(conformance);
      const reader = world.engine.read(world.space);
      const writer = world.engine.write(world.space, alice);
      const one = await world.remember("Maria Lopez works at Initech Corporation");
      const two = await world.remember("Maria Lopez plays chess");
      const content = "She plays chess";
      await writer.update({ id: two.id, fields: { content }, vectors: await embed(content) });
      expect((await reader.entities("Maria Lopez", 5))[0]).toMatchObject({ mentions: 1 });
      await world.correct(one.id, "Nobody works there");
      expect(await reader.entities("Maria", 5)).toEqual([]);
      expect(await reader.entityGraph("Initech Corporation", 2)).toBeNull();
      const three = await world.remember("Maria Lopez sails");
      await writer.forget(three.id, { purge: false });
      expect(await reader.entities("", 50)).toEqual([]);
      await writer.restore(three.id);
      expect(await reader.entities("Maria", 5)).toHaveLength(1);
      await writer.forget(three.id, { purge: true });
      expect((await reader.stats()).entities).toBe(0);
      expect(await world.engine.check(world.space)).toEqual([]);
    });
  });
};
