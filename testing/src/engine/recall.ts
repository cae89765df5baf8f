import { describe, expect, test } from "vitest";
import { calibrate, scoreFor } from "@cairn/memory/recall/fuse";
import { along, type EngineConformance, itemOf, openWorld, type World } from "./world.ts";

const subjects = ["harbour", "violin", "glacier", "bakery", "satellite", "orchard", "tunnel"];
const fill = async (world: World, count: number): Promise<void> => {
  const items = Array.from({ length: count }, (_, at) =>
    itemOf({
      content: `Note ${at} about the ${subjects[at % 7]} and the ${subjects[(at * 3 + 1) % 7]}`,
      author: at % 3 === 0 ? "Ann" : null,
      sessionId: at % 2 === 0 ? `s${at % 8}` : null,
      occurredAt: Date.UTC(2024, 0, 1 + at),
    }),
  );
  await world.rememberAll(await Promise.all(items));
};

export const describeRecall = (conformance: EngineConformance): void => {
  describe("recall", () => {
    test("REC-1 gives the same answer twice, best first, from 0 to 1, and after a restart", async () => {
      await using world = await openWorld(conformance);
      await fill(world, 120);
      const ask = async () =>
        world.recall("What did Ann say about the glacier and the violin?", { limit: 50, now: 0, minRelevance: 0 });
      const first = await ask();
      const scores = first.hits.map(({ similarity }) => similarity);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      for (const score of scores) expect(score).toBeGreaterThanOrEqual(0);
      for (const score of scores) expect(score).toBeLessThanOrEqual(1);
      expect(await ask()).toEqual(first);
      await world.reopen();
      expect(await ask()).toEqual(first);
      expect(first.total).toBe(120);
    });

    test("REC-1 puts the newer first where nothing else decides", async () => {
      await using world = await openWorld(conformance);
      const ids: string[] = [];
      for (let at = 0; at < 5; at++) ids.push((await world.remember("Echo echo", { skipDedup: true })).id);
      const found = (await world.hits("echo")).map(({ memory }) => memory.id);
      expect(found).toEqual(ids.toReversed());
      expect((await world.hits("echo", { limit: 2 })).map(({ memory }) => memory.id)).toEqual(found.slice(0, 2));
    });

    test("REC-1 pages through an answer without gaps or repeats", async () => {
      await using world = await openWorld(conformance);
      await fill(world, 100);
      const all = (await world.hits("glacier", { limit: 50 })).map(({ memory }) => memory.id);
      const paged: string[] = [];
      for (let offset = 0; offset < all.length; offset += 7) {
        paged.push(...(await world.hits("glacier", { limit: 7, offset })).map(({ memory }) => memory.id));
      }
      expect(paged.slice(0, all.length)).toEqual(all);
      expect(await world.hits("glacier", { limit: 7, offset: 5_000 })).toEqual([]);
    });

    test("REC-1 finds by words alone, by meaning alone, and ranks both together highest", async () => {
      await using world = await openWorld(conformance);
      const tail = "on the long list of things that we once wrote down for the coming winter season";
      await world.remember(`Quokka ${tail}`, { vectors: [along(3)] });
      await world.remember(`Numbat ${tail}`, { vectors: [along(4)] });
      await world.remember(`Quokka number two ${tail}`, { vectors: [along(4)] });
      expect(await world.texts("quokka", { vector: along(4), limit: 1 })).toEqual([`Quokka number two ${tail}`]);
      expect(await world.texts("bilby", { vector: along(3) })).toEqual([`Quokka ${tail}`]);
      expect((await world.texts("quokka", { vector: along(20) })).length).toBe(2);
      expect(await world.texts("bilby", { vector: along(20) })).toEqual([]);
    });

    test("REC-1 answers from an empty space, and to questions that say nothing", async () => {
      await using world = await openWorld(conformance);
      expect(await world.recall("anything")).toMatchObject({ hits: [], total: 0, partial: false });
      await fill(world, 3);
      for (const query of ["", "the of and", "???", "\u0000", "\ud800", '" OR x=x --', "NEAR(", "*", "a AND NOT b"]) {
        expect((await world.recall(query, { vector: new Float32Array(64) })).hits).toEqual([]);
      }
    });

    test("REC-1 knows the whole of a long text by its parts", async () => {
      await using world = await openWorld(conformance);
      const filler = Array.from({ length: 400 }, (_, at) => `padding${at}`).join(" ");
      await world.remember(`${filler} the armadillo crosses the causeway ${filler}`, { vectors: [] });
      expect(await world.texts("armadillo causeway")).toHaveLength(1);
    });

    test("REC-1 counts what a memory's neighbours in its session said", async () => {
      await using world = await openWorld(conformance);
      const turn = (content: string, sessionId: string) => world.remember({ content, sessionId, author: "Ann" });
      await turn("Shall we talk about the trebuchet", "one");
      await turn("Yes, it was great", "one");
      await turn("Yes, it was great", "two");
      const [first, second] = await world.hits("great trebuchet", {
        minRelevance: 0,
        vector: along(50),
        explain: true,
      });
      expect(first?.memory.sessionId).toBe("one");
      expect(second?.memory.sessionId).toBe("one");
      const hits = await world.hits("trebuchet", { context: 1 });
      expect(hits[0]?.neighbours.map(({ content }) => content)).toEqual(["Yes, it was great"]);
    });

    test("REC-5 explains a score that adds up, for every hit", async () => {
      await using world = await openWorld(conformance);
      await fill(world, 60);
      await world.ingest("s", [{ role: "user", content: "the glacier near the harbour", at: 0, timed: true }]);
      const talk = { sessionId: "talk" } as const;
      await world.remember({ ...talk, sessionSeq: 1, author: "Carl", content: "Did you see the glacier, Ann?" });
      await world.remember({ ...talk, sessionSeq: 2, author: "Ann", content: "Yes, last week, and it was blue" });
      const more = { explain: true, limit: 50, include: "all", minRelevance: 0.05, timeZone: "UTC" } as const;
      const { hits } = await world.recall("When did Ann see the glacier in January 2024?", more);
      expect(hits.length).toBeGreaterThan(10);
      const seen = { lexical: 0, dense: 0, author: 0, session: 0, time: 0, reply: 0, timeCue: 0, feedback: 0 };
      for (const { explain, similarity } of hits) {
        if (explain === undefined) throw new Error("Not explained.");
        const names = Object.keys(seen) as (keyof typeof seen)[];
        for (const name of names) {
          expect(explain[name].contribution).toBeCloseTo(explain[name].raw * explain[name].weight, 12);
          if (explain[name].contribution > 0) seen[name]++;
        }
        const sum = names.reduce((total, name) => total + explain[name].contribution, 0);
        expect(Math.abs(sum - explain.score)).toBeLessThan(1e-9);
        expect(Math.abs(calibrate(explain.score) - explain.similarity)).toBeLessThan(1e-9);
        expect(Math.abs(similarity - explain.similarity)).toBeLessThan(1e-9);
        expect(explain.filters).toEqual(["min_relevance: 0.05"]);
        expect(explain.permission).not.toBe("");
      }
      for (const [name, count] of Object.entries(seen)) expect([name, count > 0]).toEqual([name, true]);
      expect((await world.hits("glacier"))[0]).not.toHaveProperty("explain");
    });

    test("REC-2 returns nothing below the least relevance, and all that reach it", async () => {
      await using world = await openWorld(conformance);
      await fill(world, 80);
      const all = await world.hits("glacier violin Ann", { limit: 50, minRelevance: 0 });
      const middle = all[20]!.similarity;
      const { hits, total } = await world.recall("glacier violin Ann", { limit: 50, minRelevance: middle });
      expect(hits.length).toBeGreaterThanOrEqual(21);
      for (const { similarity } of hits) expect(similarity).toBeGreaterThanOrEqual(middle - 1e-12);
      expect(total).toBeGreaterThanOrEqual(hits.length);
      expect(scoreFor(middle)).toBeGreaterThan(0);
      expect(await world.hits("glacier", { minRelevance: 1 })).toEqual([]);
    });

    test("REC-6 answers with the best so far when time is up, and says so", async () => {
      await using world = await openWorld(conformance);
      await fill(world, 50);
      const late = await world.recall("glacier", { deadlineAt: Date.now() - 1, explain: true });
      expect(late.partial).toBe(true);
      expect(late.hits.length).toBeGreaterThan(0);
      for (const hit of late.hits) {
        expect(hit.type === "memory" && hit.memory.content).toContain("glacier");
        expect(Math.abs(hit.similarity - (hit.explain?.similarity ?? 0))).toBeLessThan(1e-9);
      }
      expect((await world.recall("glacier", { deadlineAt: Date.now() + 60_000 })).partial).toBe(false);
    });
  });
};
