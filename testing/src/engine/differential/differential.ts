/**
 * ENG-3: the same random history on two engines, every answer compared (compare.ts). Each history has a space of its
 * own. Both engines have the clock of the test; where one takes none both have the machine's, and times count as alike
 * when they are near each other.
 *
 * `CAIRN_DIFFERENTIAL_RUNS` sets how many histories there are; `CAIRN_DIFFERENTIAL_SEED` and `CAIRN_DIFFERENTIAL_PATH`
 * repeat what a failure printed.
 */
import fc from "fast-check";
import { newId } from "@cairn/kernel/id";
import { type EngineConformance, tick } from "../world.ts";
import { makeCounterparts } from "./compare.ts";
import { keep, type Kept, takeSeat, type Time } from "./seat.ts";
import { historyOf, type Step } from "./steps.ts";

export interface Pair {
  readonly left: EngineConformance;
  readonly right: EngineConformance;
}

export interface HistoryOptions {
  readonly runs: number;
  /** Steps of a history at most. */
  readonly steps: number;
}

interface Compared {
  readonly left: Kept;
  readonly right: Kept;
  readonly time: Time;
  /** Whether the time is the test's to set. */
  readonly takesClock: boolean;
}

const mostShown = 12;
const last: Step = { do: "survey", gap: 10 };

/** On the machine's clock what expires in a moment would do so before one engine's answer and after the other's. */
const withoutHaste = (steps: readonly Step[]): readonly Step[] =>
  JSON.parse(JSON.stringify(steps), (_, value: unknown) => (value === 5 ? 7_200_000 : value)) as readonly Step[];

/** No step happens at the moment of another, nor at the one that a question names. */
const passTime = async ({ time, takesClock }: Compared, gap: number): Promise<void> => {
  if (!takesClock) await tick();
  time.now = takesClock ? time.now + gap : Date.now();
  time.moments.push(time.now);
  if (!takesClock) await tick();
};

/** Throws where the two differ, saying at which step and in what. */
const runHistory = async (compared: Compared, steps: readonly Step[]): Promise<void> => {
  const { time, takesClock } = compared;
  time.now = Date.UTC(2025, 0, 1);
  time.moments = [];
  const space = newId();
  const left = await takeSeat(compared.left, space, time);
  const right = await takeSeat(compared.right, space, time);
  const { differencesOf } = makeCounterparts({ looseTimes: !takesClock });
  for (const [at, step] of [...(takesClock ? steps : withoutHaste(steps)), last].entries()) {
    await passTime(compared, step.gap);
    const found = differencesOf(await left.answer(step), await right.answer(step));
    if (found.length === 0) continue;
    const shown = found.slice(0, mostShown).join("\n");
    throw new Error(`The engines differ at step ${at}, ${step.do}, in ${found.length}:\n${shown}`);
  }
};

const given = (name: string): string | undefined => {
  const value = process.env[`CAIRN_DIFFERENTIAL_${name}`];
  return value === "" ? undefined : value;
};

/** Throws with the shortest history found on which the engines differ. */
export const compareEngines = async ({ left, right }: Pair, { runs, steps }: HistoryOptions): Promise<void> => {
  const time: Time = { now: 0, moments: [] };
  const takesClock = left.takesClock && right.takesClock;
  const options = takesClock ? { clock: () => time.now } : {};
  const compared: Compared = {
    left: keep(await left.open(options)),
    right: keep(await right.open(options)),
    time,
    takesClock,
  };
  const [seed, path] = [given("SEED"), given("PATH")];
  try {
    await fc.assert(
      fc.asyncProperty(historyOf(steps), (history) => runHistory(compared, history)),
      {
        numRuns: Number(given("RUNS") ?? runs),
        // Otherwise most histories are short.
        unbiased: true,
        ...(seed !== undefined && { seed: Number(seed) }),
        ...(path !== undefined && { path }),
      },
    );
  } finally {
    await compared.left.opened.remove();
    await compared.right.opened.remove();
  }
};
