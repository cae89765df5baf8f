import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Asked, makeTurns, type TurnsOptions, type Work, works } from "./turns.ts";

const enough = { light: 1_000, medium: 1_000, heavy: 1_000 };
const wide: TurnsOptions = {
  together: { light: 100, medium: 100, heavy: 1 },
  togetherEach: { light: 100, medium: 100, heavy: 1 },
  mostWaiting: enough,
  waitMs: 60_000,
};
const batch = (tenant: string, cost = 1): Asked => ({ tenant, work: "heavy", cost, most: 100 });

/** Lets everything that is due go on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("TEN-4 turns", () => {
  /** Enters all at once and ends one after the other: the order in which they started. */
  const orderOf = async (asked: readonly Asked[], options = wide): Promise<readonly string[]> => {
    const turns = makeTurns(options);
    const started: { readonly tenant: string; readonly leave: () => void }[] = [];
    for (const one of asked) void turns.enter(one).then((leave) => started.push({ tenant: one.tenant, leave }));
    for (let ended = 0; ended < asked.length; ended += 1) {
      await settle();
      started[ended]!.leave();
    }
    return started.map(({ tenant }) => tenant);
  };

  test("go to who has had least: one batch of another comes before the rest of a hundred", async () => {
    const order = await orderOf([...Array.from({ length: 10 }, () => batch("a", 100)), batch("b", 100)]);
    expect(order.indexOf("b")).toBe(1);
  });

  test("are shared by cost, not by number", async () => {
    const many = Array.from({ length: 12 }, () => [batch("large", 30), batch("small", 10)]).flat();
    const first = (await orderOf(many)).slice(0, 12);
    const large = first.filter((tenant) => tenant === "large").length;
    expect([large, first.length - large]).toEqual([3, 9]);
  });

  test("of light calls do not wait for heavy ones", async () => {
    const turns = makeTurns(wide);
    await turns.enter(batch("a"));
    void turns.enter(batch("a"));
    const leave = await turns.enter({ tenant: "b", work: "light", cost: 1, most: 1 });
    expect(turns.figures()).toEqual({ running: 2, waiting: 1, heavyRunning: 1, heavyWaiting: 1 });
    leave();
    leave();
    expect(turns.figures().running).toBe(1);
  });

  test("are refused where too many of the organisation wait, and only its own", async () => {
    const turns = makeTurns({ ...wide, mostWaiting: { ...enough, heavy: 2 } });
    await turns.enter(batch("a"));
    for (let waiting = 0; waiting < 2; waiting += 1) void turns.enter(batch("a"));
    await expect(turns.enter(batch("a"))).rejects.toMatchObject({
      code: "limit.rate_exceeded",
      data: { retryAfterMs: 1_000 },
    });
    void turns.enter(batch("b"));
    expect(turns.figures().heavyWaiting).toBe(3);
  });

  test("that do not come in time are refused, and keep no place", async () => {
    const turns = makeTurns({ ...wide, waitMs: 500 });
    const leave = await turns.enter(batch("a"));
    const late = turns.enter(batch("b")).catch((error: unknown) => error);
    vi.advanceTimersByTime(500);
    expect(await late).toMatchObject({ code: "limit.rate_exceeded" });
    expect(turns.figures().waiting).toBe(0);
    leave();
    expect(turns.figures()).toEqual({ running: 0, waiting: 0, heavyRunning: 0, heavyWaiting: 0 });
    (await turns.enter(batch("c")))();
  });

  test("of one organisation are bounded over all kinds, and what waited for that starts when one ends", async () => {
    const turns = makeTurns(wide);
    const asked = (work: Work): Asked => ({ tenant: "a", work, cost: 1, most: 2 });
    const [first] = await Promise.all([turns.enter(asked("light")), turns.enter(asked("medium"))]);
    let started = false;
    void turns.enter(asked("heavy")).then(() => (started = true));
    await settle();
    expect(started).toBe(false);
    first();
    await settle();
    expect(started).toBe(true);
  });

  test("never break a bound, never starve anybody, and keep the order of an organisation, whatever comes", async () => {
    const call = fc.record({
      tenant: fc.constantFrom("a", "b", "c", "d"),
      work: fc.constantFrom(...works),
      cost: fc.integer({ min: 0, max: 1_000 }),
    });
    const step = fc.oneof({ weight: 3, arbitrary: call }, { weight: 2, arbitrary: fc.nat(50) });
    const options: TurnsOptions = {
      together: { light: 3, medium: 2, heavy: 2 },
      togetherEach: { light: 3, medium: 2, heavy: 1 },
      mostWaiting: enough,
      waitMs: 1_000_000,
    };
    const most = 3;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const turns = makeTurns(options);
        const running: { readonly asked: Asked; readonly leave: () => void }[] = [];
        const startedOf = new Map<string, number[]>();
        let entered = 0;
        const check = (): void => {
          for (const work of works) {
            const inLane = running.filter(({ asked }) => asked.work === work);
            expect(inLane.length).toBeLessThanOrEqual(options.together[work]);
            for (const tenant of ["a", "b", "c", "d"])
              expect(inLane.filter(({ asked }) => asked.tenant === tenant).length).toBeLessThanOrEqual(
                options.togetherEach[work],
              );
          }
          for (const tenant of ["a", "b", "c", "d"])
            expect(running.filter(({ asked }) => asked.tenant === tenant).length).toBeLessThanOrEqual(most);
        };
        for (const one of steps) {
          if (typeof one === "number") running.splice(one % Math.max(1, running.length), 1)[0]?.leave();
          else {
            const number = entered++;
            const asked = { ...one, most };
            void turns.enter(asked).then((leave) => {
              running.push({ asked, leave });
              const name = `${one.tenant} ${one.work}`;
              startedOf.set(name, [...(startedOf.get(name) ?? []), number]);
            });
          }
          await settle();
          check();
        }
        while (running.length > 0) {
          running.shift()?.leave();
          await settle();
          check();
        }
        const all = [...startedOf.values()];
        expect(all.flat()).toHaveLength(entered);
        for (const numbers of all) expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
        expect(turns.figures()).toEqual({ running: 0, waiting: 0, heavyRunning: 0, heavyWaiting: 0 });
      }),
      { numRuns: 150 },
    );
  });
});
