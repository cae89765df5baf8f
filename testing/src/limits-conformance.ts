/**
 * What every `LimitCounters` promises. Handles of one `setup` count together, as servers on one database do; their clock
 * is the setup's.
 */
import type { Counted, LimitCounters, Need, RateHit } from "@cairn/directory/limits/limit-counters";
import { describe, expect, test } from "vitest";

export interface LimitsSetup extends AsyncDisposable {
  readonly open: () => LimitCounters;
  readonly pass: (milliseconds: number) => void;
}

const windowMs = 60_000;
const hitOf = (key: string, most: number): RateHit => ({ key, most, windowMs });
const month = (name: "queries" | "embeddings", amount: number, most: number, period = "2026-03"): Need => ({
  organisation: "o",
  name,
  period,
  amount,
  most,
  knownForMs: null,
});
const memories: Counted = { organisation: "o", name: "memories", period: "" };
const level = (amount: number, most: number): Need => ({ ...memories, amount, most, knownForMs: 7_200_000 });

export const describeLimitCounters = (name: string, setUp: () => Promise<LimitsSetup>): void => {
  describe(`limit counters: ${name}`, () => {
    const states = async (counters: LimitCounters, needs: readonly Need[]): Promise<readonly string[]> =>
      (await counters.reserve(needs)).map(({ state }) => state);
    const used = async (counters: LimitCounters): Promise<unknown> => (await counters.standing(memories))?.used;

    test("TEN-4 of twice as many calls as allowed, through two servers at once, exactly the allowed pass", async () => {
      await using setup = await setUp();
      const servers = [setup.open(), setup.open()] as const;
      const calls = Array.from({ length: 60 }, (_, at) => servers[at % 2 === 0 ? 0 : 1].hit([hitOf("tenant o", 30)]));
      const answers = (await Promise.all(calls)).flat();
      expect(answers.filter(({ admitted }) => admitted)).toHaveLength(30);
      for (const { admitted, remaining, retryAfterMs } of answers)
        if (!admitted) expect([remaining, retryAfterMs > 0]).toEqual([0, true]);
    });

    test("TEN-4 counts each key by itself, in one question, in any order", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      const hits = [hitOf("tenant o", 3), hitOf("key k", 1)];
      expect((await counters.hit(hits)).map(({ remaining }) => remaining)).toEqual([2, 0]);
      expect((await counters.hit(hits.toReversed())).map(({ admitted }) => admitted)).toEqual([false, true]);
      expect((await counters.look(hits)).map(({ remaining }) => remaining)).toEqual([1, 0]);
      await counters.giveBack([hits[0]!]);
      expect((await counters.look(hits)).map(({ remaining }) => remaining)).toEqual([2, 0]);
      expect((await counters.look([hitOf("never seen", 5)]))[0]).toMatchObject({ admitted: true, remaining: 5 });
    });

    test("TEN-4 what passed at the end of a window is not forgotten at its edge, and fades", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      const hit = [hitOf("k", 10)];
      const passing = async (calls: number): Promise<number> => {
        let passed = 0;
        for (let call = 0; call < calls; call += 1) if ((await counters.hit(hit))[0]?.admitted === true) passed += 1;
        return passed;
      };
      setup.pass(windowMs - 1);
      expect(await passing(12)).toBe(10);
      setup.pass(1);
      expect(await passing(5)).toBe(0);
      setup.pass(windowMs / 2);
      expect(await passing(12)).toBe(5);
      setup.pass(3 * windowMs);
      expect(await passing(12)).toBe(10);
    });

    test("TEN-4 who waits as long as it was told passes, and one millisecond earlier does not", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      const hit = [hitOf("k", 7)];
      for (const pause of [0, 13_000, 31_000, 59_999, 60_000]) {
        setup.pass(pause);
        for (;;) if (!(await counters.hit(hit))[0]!.admitted) break;
        const wait = (await counters.look(hit))[0]!.retryAfterMs;
        setup.pass(wait - 1);
        expect((await counters.hit(hit))[0]!.admitted).toBe(false);
        setup.pass(1);
        expect((await counters.hit(hit))[0]!.admitted).toBe(true);
      }
    });

    test("TEN-4 a clock that is set back opens no new window", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      const hit = [hitOf("k", 2)];
      await counters.hit(hit);
      await counters.hit(hit);
      setup.pass(-2 * windowMs);
      expect((await counters.hit(hit))[0]).toMatchObject({ admitted: false });
    });

    test("TEN-5 two servers together reserve exactly as much as there is", async () => {
      await using setup = await setUp();
      const servers = [setup.open(), setup.open()] as const;
      const asked = Array.from({ length: 40 }, (_, at) =>
        states(servers[at % 2 === 0 ? 0 : 1], [month("queries", 5, 100)]),
      );
      const outcomes = (await Promise.all(asked)).flat();
      expect(outcomes.filter((state) => state === "granted")).toHaveLength(20);
      expect(await servers[0].usedBy("o", "2026-03")).toEqual({ queries: 100 });
      expect(await servers[1].reserve([month("queries", 1, 100)])).toMatchObject([{ state: "refused", used: 100 }]);
      expect(await states(servers[1], [month("queries", 1, 100, "2026-04")])).toEqual(["granted"]);
    });

    test("TEN-5 takes all that a call needs or nothing, and gives back what it did not come to", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      expect(await states(counters, [month("queries", 1, 10), month("embeddings", 11, 10)])).toEqual([
        "granted",
        "refused",
      ]);
      expect(await counters.usedBy("o", "2026-03")).toEqual({ queries: 0, embeddings: 0 });
      expect(await states(counters, [month("embeddings", 10, 10)])).toEqual(["granted"]);
      await counters.settle([{ ...month("embeddings", 10, 10), reserved: 10, actual: 4 }]);
      expect(await counters.reserve([month("embeddings", 7, 10)])).toMatchObject([{ state: "refused", used: 4 }]);
      expect(await states(counters, [month("embeddings", 6, 10)])).toEqual(["granted"]);
    });

    test("TEN-5 a level is unknown until somebody has looked, and again when that is long ago", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      expect(await states(counters, [level(1, 100)])).toEqual(["unknown"]);
      expect(await counters.usedBy("o", "2026-03")).toEqual({});
      expect(await counters.survey(memories, 98, await counters.standing(memories))).toBe(true);
      expect(await states(counters, [level(2, 100)])).toEqual(["granted"]);
      expect(await counters.reserve([level(1, 100)])).toMatchObject([{ state: "refused", used: 100 }]);
      setup.pass(7_200_001);
      expect(await states(counters, [level(1, 200)])).toEqual(["unknown"]);
    });

    test("TEN-5 what asks for nothing asks whether something is left", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      await counters.survey(memories, 99, null);
      expect(await states(counters, [level(0, 100)])).toEqual(["granted"]);
      await counters.survey(memories, 100, await counters.standing(memories));
      expect(await states(counters, [level(0, 100)])).toEqual(["refused"]);
      expect(await used(counters)).toBe(100);
    });

    test("TEN-5 a survey changes nothing that moved meanwhile, nor while a call is under way, unless it must", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      await counters.survey(memories, 10, null);
      const seen = await counters.standing(memories);
      await counters.reserve([level(5, 100)]);
      expect(await counters.survey(memories, 10, seen)).toBe(false);
      expect(await counters.survey(memories, 10, await counters.standing(memories))).toBe(false);
      expect(await used(counters)).toBe(15);
      expect(await counters.survey(memories, 12, seen, true)).toBe(true);
      expect(await used(counters)).toBe(17);
      await counters.settle([{ ...memories, reserved: 5, actual: 5 }]);
      expect(await counters.survey(memories, 17, await counters.standing(memories))).toBe(true);
    });

    test("TEN-5 what a server took before it died is given back by the next survey after a while", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      await counters.survey(memories, 10, null);
      await counters.reserve([level(50, 100)]);
      setup.pass(15 * 60_000);
      expect(await counters.survey(memories, 11, await counters.standing(memories))).toBe(true);
      expect(await counters.standing(memories)).toMatchObject({ used: 11, pending: 0 });
    });

    test("TEN-5 a level never falls below nothing", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      await counters.survey(memories, 1, null);
      await counters.settle([{ ...memories, reserved: 0, actual: -3 }]);
      expect(await counters.standing(memories)).toMatchObject({ used: 0, pending: 0 });
    });

    test("TEN-5 organisations know nothing of each other, and what is over is deleted", async () => {
      await using setup = await setUp();
      const counters = setup.open();
      await counters.reserve([{ ...month("queries", 3, 10), organisation: "other" }, month("queries", 1, 10)]);
      expect(await counters.usedBy("other", "2026-03")).toEqual({ queries: 3 });
      await counters.hit([hitOf("k", 1)]);
      expect(await counters.prune("2026-03")).toBe(0);
      setup.pass(3 * 3_600_000);
      expect(await counters.prune("2026-04")).toBe(3);
      expect(await counters.usedBy("other", "2026-03")).toEqual({});
    });
  });
};
