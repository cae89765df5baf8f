import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeFairLines, type Queued } from "./fair-lines.ts";

interface Item extends Queued {
  readonly tenant: string;
  readonly at: number;
}

const makeItem = (tenant: string, at: number, cost: number): Item & { waiting: boolean } => {
  const item = {
    tenant,
    at,
    cost,
    waiting: true,
    waits: () => item.waiting,
    begin: () => {
      item.waiting = false;
    },
  };
  return item;
};

const bounds = fc.record({ texts: fc.integer({ min: 1, max: 40 }), characters: fc.integer({ min: 1, max: 500 }) });
const given = fc.array(fc.record({ tenant: fc.constantFrom("a", "b", "c", "d"), cost: fc.nat({ max: 700 }) }), {
  maxLength: 120,
});

describe("fair lines", () => {
  test("EMB-4 everything comes out once, within the bounds, each tenant's in order", () => {
    fc.assert(
      fc.property(bounds, given, (most, items) => {
        const lines = makeFairLines<Item>();
        for (const [at, { tenant, cost }] of items.entries()) lines.push(tenant, makeItem(tenant, at, cost));
        const out: Item[] = [];
        while (lines.any()) {
          const batch = lines.take(most);
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(most.texts);
          // A text that is longer than a batch counts as one that fills it.
          const characters = batch.reduce((total, { cost }) => total + Math.min(cost, most.characters), 0);
          expect(characters).toBeLessThanOrEqual(most.characters);
          out.push(...batch);
        }
        expect(out.map(({ at }) => at).toSorted((one, other) => one - other)).toEqual(items.map((_, at) => at));
        for (const name of ["a", "b", "c", "d"]) {
          const own = out.filter(({ tenant }) => tenant === name).map(({ at }) => at);
          expect(own).toEqual(own.toSorted((one, other) => one - other));
        }
      }),
    );
  });

  test("EMB-4 whatever the others queue, a tenant's text is among the next few batches", () => {
    const costs = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 200, maxLength: 400 });
    fc.assert(
      fc.property(costs, costs, fc.integer({ min: 1, max: 500 }), (one, other, cost) => {
        const lines = makeFairLines<Item>();
        for (const [at, size] of one.entries()) lines.push("one", makeItem("one", at, size));
        for (const [at, size] of other.entries()) lines.push("other", makeItem("other", at, size));
        lines.take({ texts: 64, characters: 4_000 });
        lines.push("small", makeItem("small", 0, cost));
        // An eighth of a batch is handed out at each visit; the longest text costs as much.
        const batches = Array.from({ length: 3 }, () => lines.take({ texts: 64, characters: 4_000 }));
        expect(batches.flat().some(({ tenant }) => tenant === "small")).toBe(true);
      }),
    );
  });

  test("EMB-4 long texts get no more characters than short ones", () => {
    const lines = makeFairLines<Item>();
    for (let at = 0; at < 400; at += 1) lines.push("long", makeItem("long", at, 400));
    for (let at = 0; at < 8_000; at += 1) lines.push("short", makeItem("short", at, 20));
    const handed: Record<string, number> = { long: 0, short: 0 };
    for (let batch = 0; batch < 200; batch += 1) {
      for (const { tenant, cost } of lines.take({ texts: 800, characters: 8_000 })) handed[tenant]! += cost;
    }
    expect(handed["long"]! / handed["short"]!).toBeGreaterThan(0.8);
    expect(handed["long"]! / handed["short"]!).toBeLessThan(1.25);
  });

  test("EMB-4 what nobody waits for any more is passed over", () => {
    const lines = makeFairLines<Item>();
    const items = Array.from({ length: 10 }, (_, at) => makeItem("a", at, 5));
    for (const item of items) lines.push("a", item);
    for (const at of [0, 1, 4]) items[at]!.waiting = false;
    expect(lines.take({ texts: 3, characters: 100 }).map(({ at }) => at)).toEqual([2, 3, 5]);
    for (const item of items) item.waiting = false;
    expect(lines.any()).toBe(false);
  });
});
