import { describe, expect, test } from "vitest";
import { along, alice, embed, type EngineConformance, openWorld, tick } from "./world.ts";

const nothing = new Float32Array(64);

export const describeTime = (conformance: EngineConformance): void => {
  describe("time", () => {
    test("REC-3 prefers what happened in the time that a question names, in the asker's zone", async () => {
      await using world = await openWorld(conformance);
      // Sunday 2 June 2024, 23:30 in New York is Monday 3 June in UTC.
      const occurredAt = Date.parse("2024-06-03T03:30:00Z");
      await world.remember({ content: "Ran a marathon", occurredAt });
      await world.remember({ content: "Ran a marathon again", occurredAt: Date.parse("2024-04-01T12:00:00Z") });
      const now = Date.parse("2024-06-03T16:00:00Z");
      const timeOf = async (query: string, timeZone: string) =>
        new Map(
          (await world.hits(query, { now, timeZone, explain: true, minRelevance: 0 })).map(({ memory, explain }) => [
            memory.content,
            explain?.time.raw,
          ]),
        );
      expect((await timeOf("marathon yesterday", "America/New_York")).get("Ran a marathon")).toBe(1);
      expect((await timeOf("marathon yesterday", "UTC")).get("Ran a marathon")).toBe(0);
      expect((await timeOf("marathon today", "UTC")).get("Ran a marathon")).toBe(1);
      expect((await timeOf("marathon yesterday", "America/New_York")).get("Ran a marathon again")).toBe(0);
      expect((await timeOf("marathon", "UTC")).get("Ran a marathon")).toBe(0);
      expect((await world.texts("marathon in April 2024", { now }))[0]).toBe("Ran a marathon again");
    });

    test("REC-3 goes by the time of the record where no time of the event is known", async () => {
      await using world = await openWorld(conformance);
      const stored = await world.remember("Planted tulips");
      const { createdAt: now } = stored;
      const [hit] = await world.hits("tulips today", { now, timeZone: "UTC", explain: true });
      expect(hit?.explain?.time.raw).toBe(1);
      expect(await world.texts("tulips", { after: now, before: now + 1 })).toHaveLength(1);
      expect(await world.texts("tulips", { after: now + 1 })).toEqual([]);
      expect(await world.texts("tulips", { before: now })).toEqual([]);
    });

    test("REC-3 finds a day by its words", async () => {
      await using world = await openWorld(conformance);
      await world.remember({ content: "Visited the aquarium", occurredAt: Date.UTC(2023, 4, 8, 12) });
      await world.remember({ content: "Visited the aquarium", occurredAt: Date.UTC(2023, 8, 9, 12) });
      const [first] = await world.hits("aquarium 8 May 2023", { vector: nothing });
      expect(first?.memory.occurredAt).toBe(Date.UTC(2023, 4, 8, 12));
    });

    test("REC-3 answers as the memory stood: updates, deletes, restores, in words and in meaning", async () => {
      await using world = await openWorld(conformance);
      const writer = world.engine.write(world.space, alice);
      const moments: number[] = [];
      const mark = async () => {
        await tick();
        moments.push(Date.now());
        await tick();
      };
      await mark();
      const { id } = await world.remember({ content: "Door code is 1111", tags: ["old"] }, { vectors: [along(1)] });
      await mark();
      await writer.update({ id, fields: { content: "Door code is 2222", tags: ["new"] }, vectors: [along(2)] });
      await mark();
      await writer.forget(id, { purge: false });
      await mark();
      await writer.restore(id, 1);
      await mark();
      const expected = [[], ["Door code is 1111"], ["Door code is 2222"], [], ["Door code is 1111"]];
      const check = async () => {
        for (const [at, asOf] of moments.entries()) {
          expect(await world.texts("door code", { asOf })).toEqual(expected[at]);
          const meant = expected[at]![0]?.includes("2222") === true ? 2 : 1;
          expect(await world.texts("unheard", { asOf, vector: along(meant), minRelevance: 0.1 })).toEqual(expected[at]);
          expect(await world.texts("unheard", { asOf, vector: along(3 - meant), minRelevance: 0.1 })).toEqual([]);
        }
        expect(await world.texts("door", { asOf: moments[2]!, tags: ["new"] })).toHaveLength(1);
        expect(await world.texts("door", { asOf: moments[2]!, tags: ["old"] })).toEqual([]);
        expect(await world.texts("door", { tags: ["old"] })).toEqual(["Door code is 1111"]);
      };
      await check();
      await world.reopen();
      await check();
      const [past] = await world.hits("door", { asOf: moments[2]! });
      expect(past?.memory).toMatchObject({ version: 2, tags: ["new"] });
    });

    test("REC-3 keeps the vectors of the past when only other fields change", async () => {
      await using world = await openWorld(conformance);
      const content = "Compass in the drawer";
      const { id } = await world.remember(content);
      await tick();
      const asOf = Date.now();
      await tick();
      await world.engine.write(world.space, alice).update({ id, fields: { importance: 1 } });
      const [vector] = await embed(content);
      expect(await world.hits("unheard", { asOf, vector: vector!, minRelevance: 0.1 })).toMatchObject([
        { memory: { version: 1 } },
      ]);
      expect(await world.hits("unheard", { vector: vector!, minRelevance: 0.1 })).toMatchObject([
        { memory: { version: 2 } },
      ]);
    });
  });
};
