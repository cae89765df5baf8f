import { describe, expect, test } from "vitest";
import type { RecallFilter, RecallQuery } from "@cairn/memory/recall/query";
import type { Memory } from "@cairn/memory/memory/memory";
import { along, type EngineConformance, itemOf, memoryOf, openWorld } from "./world.ts";

const day = 86_400_000;
const start = Date.UTC(2024, 0, 1);

/** Memories that every signal finds alike, so that only the filter can tell them apart. */
const drafts = Array.from({ length: 60 }, (_, at) => ({
  content: `Lantern report number ${at} from the northern lighthouse`,
  key: at % 20 === 7 ? `key-${at}` : null,
  category: (["fact", "rule", null] as const)[at % 3]!,
  entity: at % 9 === 2 ? "Northern Light" : null,
  tags: [...(at % 10 === 3 ? ["rare"] : []), ...(at % 4 === 1 ? ["even handed"] : []), `n${at}`],
  author: (["Žofie", "Bob", null] as const)[at % 3]!,
  sessionId: at % 6 === 0 ? "voyage" : null,
  trust: (["person", "agent", "document", "web"] as const)[at % 4]!,
  occurredAt: at % 5 === 0 ? null : start + at * day,
}));

const eventAt = (memory: Memory): number => memory.occurredAt ?? memory.createdAt;
const trustAt = ["person", "agent", "document", "web"];

const filters: readonly (readonly [RecallFilter, (memory: Memory) => boolean])[] = [
  [{ tags: ["rare"] }, ({ tags }) => tags.includes("rare")],
  [{ tags: ["rare", "n4"] }, ({ tags }) => tags.includes("rare") || tags.includes("n4")],
  [{ tags: ["rare", "n13"], tagsMode: "all" }, ({ tags }) => tags.includes("rare") && tags.includes("n13")],
  [{ tags: ["rare", "nowhere"], tagsMode: "all" }, () => false],
  [{ tags: ["rare", "nowhere"], tagsMode: "any" }, ({ tags }) => tags.includes("rare")],
  [{ tags: ["nowhere"] }, () => false],
  [{ key: "key-27" }, ({ key }) => key === "key-27"],
  [{ category: "rule" }, ({ category }) => category === "rule"],
  [{ entity: "northern light" }, ({ entity }) => entity === "Northern Light"],
  [{ sessionId: "voyage" }, ({ sessionId }) => sessionId === "voyage"],
  [{ sourceInstance: "phone" }, ({ sourceInstance }) => sourceInstance === "phone"],
  [{ author: "ŽOFIE" }, ({ author }) => author === "Žofie"],
  [{ author: "Nobody" }, () => false],
  [{ minTrust: "agent" }, ({ trust }) => trustAt.indexOf(trust) <= 1],
  [{ minTrust: "person" }, ({ trust }) => trust === "person"],
  [
    { after: start + 10 * day, before: start + 20 * day },
    (memory) => eventAt(memory) >= start + 10 * day && eventAt(memory) < start + 20 * day,
  ],
  [{ before: start + 11 * day }, (memory) => eventAt(memory) < start + 11 * day],
  [
    { tags: ["even handed"], category: "fact", author: "Žofie" },
    ({ tags, category, author }) => tags.includes("even handed") && category === "fact" && author === "Žofie",
  ],
];

/** Ways to be found: by words, by meaning only, by the author's name only, by a time in the question only, by nothing. */
const ways: readonly (readonly [name: string, query: string, more: Partial<RecallQuery>])[] = [
  ["words", "lantern report lighthouse", { vector: new Float32Array(64) }],
  ["meaning", "unheard", { vector: along(11) }],
  ["all that is there", "unheard", { vector: new Float32Array(64), minRelevance: 0 }],
];

export const describeFilters = (conformance: EngineConformance): void => {
  describe("filters", () => {
    test("REC-2 MEM-1 lets through every memory that a filter names and no other, in every signal, in recall as in lists", async () => {
      await using world = await openWorld(conformance);
      const items = await Promise.all(drafts.map((draft) => itemOf(draft, { vectors: [along(11)] })));
      const laptop = await world.rememberAll(items.filter((_, at) => at % 7 !== 0));
      const phone = await world.rememberAll(
        items.filter((_, at) => at % 7 === 0),
        false,
        { principal: "alice", instance: "phone" },
      );
      const memories = [...laptop, ...phone].map(memoryOf);
      const reader = world.engine.read(world.space);
      for (const [filter, matches] of filters) {
        const expected = memories
          .filter(matches)
          .map(({ id }) => id)
          .toSorted();
        for (const [name, query, more] of ways) {
          const answer = await world.recall(query, { ...more, ...filter, limit: 60 });
          const found = answer.hits.map((hit) => (hit.type === "memory" ? hit.memory.id : "")).toSorted();
          expect({ name, filter, found }).toEqual({ name, filter, found: expected });
          expect(answer.total).toBe(expected.length);
          for (const limit of [1, 3]) {
            const some = await world.recall(query, { ...more, ...filter, limit });
            expect(some.hits).toHaveLength(Math.min(limit, expected.length));
          }
        }
        const listed = (await reader.list({ ...filter, limit: 100 })).items.map(({ id }) => id).toSorted();
        expect({ filter, listed }).toEqual({ filter, listed: expected });
      }
    });

    test("REC-2 returns five tagged memories among 5,000 similar ones", async () => {
      await using world = await openWorld(conformance);
      const similar = Array.from({ length: 5_000 }, (_, at) =>
        itemOf(
          { content: `The weekly deploy of service ${at} finished`, tags: at % 1_000 === 500 ? ["incident"] : [] },
          { vectors: [along(2)], skipDedup: true },
        ),
      );
      const items = await Promise.all(similar);
      for (let from = 0; from < items.length; from += 1_000) await world.rememberAll(items.slice(from, from + 1_000));
      for (const query of ["weekly deploy of a service", "unheard"]) {
        const hits = await world.hits(query, { tags: ["incident"], limit: 10, vector: along(2) });
        expect(hits.map(({ memory }) => memory.tags)).toEqual(Array.from({ length: 5 }, () => ["incident"]));
      }
      expect((await world.recall("weekly deploy", { limit: 10 })).total).toBe(5_000);
    }, 60_000);

    test("REC-2 applies to neighbours what the caller may trust", async () => {
      await using world = await openWorld(conformance);
      const turn = (content: string, sessionSeq: number, trust: "agent" | "web") =>
        world.remember({ content, sessionId: "s", sessionSeq, trust });
      await turn("Injected page text", 0, "web");
      await turn("The ocelot sleeps", 1, "agent");
      await turn("Indeed it does", 2, "agent");
      const [hit] = await world.hits("ocelot", { context: 3, minTrust: "agent" });
      expect(hit?.neighbours.map(({ content }) => content)).toEqual(["Indeed it does"]);
      const [open] = await world.hits("ocelot", { context: 3 });
      expect(open?.neighbours.map(({ content }) => content)).toEqual(["Injected page text", "Indeed it does"]);
    });
  });
};
