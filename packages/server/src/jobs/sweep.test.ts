import { setUpOperations } from "@cairn/testing/setup-operations";
import type { SweepOutcome } from "@cairn/memory/space/engine";
import { expect, test, vi } from "vitest";
import { startSweeping, sweepAll } from "./sweep.ts";

const day = 86_400_000;
const nothing: SweepOutcome = { expired: 0, purged: 0, sessions: 0 };

const setup = (fails: (space: string) => boolean = () => false) => {
  const { services } = setUpOperations();
  const swept: { readonly space: string; readonly bounds: unknown }[] = [];
  const engine = {
    ...services.engine,
    write: ((space, actor) => ({
      ...services.engine.write(space, actor),
      sweep: async (bounds) => {
        if (fails(space)) throw new Error("broken");
        swept.push({ space, bounds });
        return nothing;
      },
    })) satisfies typeof services.engine.write,
  };
  return { services: { ...services, engine }, swept };
};

test("MEM-7 MEM-9: every space is swept, with the retention of sessions and of what was deleted", async () => {
  const { services, swept } = setup();
  await services.directory.create({ name: "second", description: null });
  await sweepAll(services);
  expect(swept).toHaveLength(2);
  const now = services.clock();
  expect(swept[0]?.bounds).toEqual({ now, sessionsBefore: now - 30 * day, purgeBefore: now - 30 * day });
});

test("a retention without end never reaches anything", async () => {
  const { services, swept } = setup();
  const settings = { ...services.settings, sessionRetentionMs: Number.POSITIVE_INFINITY };
  await sweepAll({ ...services, settings });
  expect(swept[0]?.bounds).toMatchObject({ sessionsBefore: Date.parse("0001-01-01T00:00:00Z") });
});

test("a space that cannot be swept does not keep the others waiting", async () => {
  const { services, swept } = setup((space) => space.endsWith("000000000001"));
  const { id } = await services.directory.create({ name: "second", description: null });
  const failures: unknown[] = [];
  await sweepAll(services, (error) => failures.push(error));
  expect([swept.map(({ space }) => space), failures.length]).toEqual([[id], 1]);
});

test("it goes on until it is stopped", async () => {
  vi.useFakeTimers();
  try {
    const { services, swept } = setup();
    const sweeping = startSweeping(services, { after: 10, every: 1_000 });
    await vi.advanceTimersByTimeAsync(3_100);
    expect(swept.length).toBe(4);
    await sweeping.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(swept.length).toBe(4);
  } finally {
    vi.useRealTimers();
  }
});
