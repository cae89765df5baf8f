import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { blockBytes } from "./block-shape.ts";
import type { PoolReport, PoolTask } from "./fixtures/pool-thread.ts";
import type { VectorReport, VectorTask } from "./fixtures/vector-thread.ts";
import { openTables, makePool, type Pool, type PoolSeat } from "./pool.ts";
import { block, header } from "./pool-layout.ts";
import { outside } from "./pool-lock.ts";

/** CAIRN_FUZZ_ROUNDS=500 looks longer for what a few rounds do not meet. */
const rounds = Number(process.env["CAIRN_FUZZ_ROUNDS"] ?? 2);
const blocks = 24;

const running: Worker[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.terminate()));
});

const start = async (
  task: Omit<PoolTask, "readers" | "ready" | "together"> & Partial<PoolTask>,
): Promise<{ readonly worker: Worker; readonly report: PoolReport }> => {
  const alone = { readers: numbers(blocks), ready: numbers(1), together: 1 };
  const workerData: PoolTask = { ...alone, ...task };
  const worker = new Worker(new URL("fixtures/pool-thread.ts", import.meta.url), { workerData, execArgv: [] });
  running.push(worker);
  const [report] = (await once(worker, "message")) as [PoolReport];
  return { worker, report };
};

const makeBlocks = (count: number, epoch = 1): Pool => makePool({ bytes: count * blockBytes, seats: 9, epoch });
const numbers = (count: number): Int32Array => new Int32Array(new SharedArrayBuffer(count * 4));

/** Every block that nobody holds, from the list of the free ones and what was never used; each must be there once. */
const freeOf = ({ memory }: PoolSeat): readonly number[] => {
  const { words, layout } = openTables(memory, outside);
  const free = Array.from({ length: layout.blocks - words[header.freshBlock]! }, (_, at) => layout.blocks - 1 - at);
  for (let link = words[header.freeBlock]!; link !== 0 && free.length <= layout.blocks;) {
    free.push(link - 1);
    link = words[layout.blockAt + (link - 1) * block.words + block.next]!;
  }
  return free.toSorted((a, b) => a - b);
};
const everyBlock = Array.from({ length: blocks }, (_, at) => at);

describe("many threads in one pool", () => {
  test.each(Array.from({ length: rounds }, (_, round) => round + 1))(
    "ENG-6 eight threads never get a block that is read or held, and every block is accounted for (round %d)",
    async (round) => {
      // The second round sees the count of retirements wrap around.
      const pool = makeBlocks(blocks, round % 2 === 0 ? 0x7fff_ffff - 500 : 1);
      const common = { readers: numbers(blocks), ready: numbers(1), together: 8, steps: 6_000, end: "wait" } as const;
      const seats = Array.from({ length: 8 }, () => pool.join());
      const ended = await Promise.all(seats.map((seat, at) => start({ ...common, seat, seed: round * 100 + at })));
      expect(ended.flatMap(({ report }) => report.faults)).toEqual([]);
      const total = (name: keyof PoolReport["done"]): number =>
        ended.reduce((sum, { report }) => sum + report.done[name], 0);
      // What the test is about has happened, and often.
      for (const name of ["read", "lost", "pushed", "refused", "loaded"] as const) {
        expect(total(name)).toBeGreaterThan(10);
      }
      // A set may still have been evicted after its thread was done: what is held is among what was reported.
      const figures = pool.figures();
      const reported = ended.flatMap(({ report }) => report.held);
      expect(figures.evictions).toBeGreaterThan(10);
      expect(figures.bytes / blockBytes).toBeLessThanOrEqual(reported.length);
      expect(figures).toMatchObject({ sets: 32, epoch_lag: 0 });
      const free = freeOf(seats[0]!);
      expect(new Set(free).size).toBe(free.length);
      expect(free.length + (figures.bytes + figures.retired_bytes) / blockBytes).toBe(blocks);

      // Their threads end without closing anything.
      await Promise.all(ended.map(({ worker }) => worker.terminate()));
      for (const seat of seats) pool.leave(seat);
      expect(pool.figures()).toMatchObject({ sets: 0, namespaces: 0, bytes: 0, retired_bytes: 0, epoch_lag: 0 });
      expect(freeOf(seats[0]!)).toEqual(everyBlock);
      expect(common.readers.some((count) => count !== 0)).toBe(false);
    },
    120_000,
  );

  test("ENG-6 REC-1 sets on six threads that evict each other answer bit for bit as if they had the pool to themselves", async () => {
    const pool = makePool({ bytes: 9 * blockBytes, seats: 6 });
    const ready = numbers(1);
    const seats = Array.from({ length: 6 }, () => pool.join());
    const reports = await Promise.all(
      seats.map(async (seat, at) => {
        const workerData: VectorTask = { seat, ready, together: 6, seed: at + 1, steps: 300 * rounds };
        const worker = new Worker(new URL("fixtures/vector-thread.ts", import.meta.url), { workerData, execArgv: [] });
        running.push(worker);
        return ((await once(worker, "message")) as [VectorReport])[0];
      }),
    );
    expect(reports.map(({ wrong }) => wrong)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(reports.every(({ answers }) => answers > 200)).toBe(true);
    const { hits, loads, fallbacks, evictions, ...rest } = pool.figures();
    for (const often of [hits, loads, fallbacks, evictions]) expect(often).toBeGreaterThan(10);
    expect(rest).toMatchObject({ sets: 0, namespaces: 0, bytes: 0, retired_bytes: 0, epoch_lag: 0 });
  }, 120_000);

  test("ENG-6 threads that close their sets leave nothing behind", async () => {
    const pool = makeBlocks(blocks);
    const common = { readers: numbers(blocks), ready: numbers(1), together: 3, steps: 500, end: "close" } as const;
    const seats = Array.from({ length: 3 }, () => pool.join());
    const ended = await Promise.all(seats.map((seat, at) => start({ ...common, seat, seed: at })));
    expect(ended.flatMap(({ report }) => report.faults)).toEqual([]);
    for (const seat of seats) pool.leave(seat);
    expect(pool.figures()).toMatchObject({ sets: 0, namespaces: 0, bytes: 0, retired_bytes: 0 });
    expect(freeOf(seats[0]!)).toEqual(everyBlock);
  });

  test("ENG-6 a thread that dies while it reads stops reclamation only until its end is noticed", async () => {
    const pool = makeBlocks(blocks);
    const seat = pool.join();
    const { worker } = await start({ seat, seed: 3, steps: 50, end: "reading" });
    const mine = pool.join();
    const { sets, exclusively } = openTables(mine.memory, mine.seat + 1);
    const set = exclusively(() => sets.open(mine.seat + 1, [1, 2], true));
    expect(exclusively(() => sets.load(set, 1, 1, null))).toHaveLength(1);
    exclusively(() => sets.vacate(set));
    expect(pool.figures()).toMatchObject({ retired_bytes: blockBytes, epoch_lag: 1 });
    await worker.terminate();
    pool.leave(seat);
    expect(pool.figures()).toMatchObject({ retired_bytes: 0, epoch_lag: 0, bytes: 0, sets: 1 });
    expect(exclusively(() => sets.load(set, blocks, 1, null))).toHaveLength(blocks);
  });

  test("ENG-6 a thread that dies in the middle of a change leaves a pool that works, and everybody's vectors in the store", async () => {
    const pool = makeBlocks(blocks);
    const mine = pool.join();
    const { sets, exclusively } = openTables(mine.memory, mine.seat + 1);
    const set = exclusively(() => sets.open(mine.seat + 1, [1, 2], true));
    exclusively(() => sets.load(set, 4, 1, null));
    const seat = pool.join();
    const { worker } = await start({ seat, seed: 4, steps: 200, end: "locked" });
    await worker.terminate();
    pool.leave(seat);
    expect(sets.isResident(set)).toBe(false);
    expect(pool.figures()).toMatchObject({ sets: 1, namespaces: 1, bytes: 0, retired_bytes: 0 });
    expect(freeOf(mine)).toEqual(everyBlock);
    expect(exclusively(() => sets.load(set, blocks, 1, null))).toHaveLength(blocks);
    exclusively(() => sets.close(set));
    expect(pool.figures()).toMatchObject({ sets: 0, namespaces: 0, bytes: 0, retired_bytes: 0 });
    expect(freeOf(mine)).toEqual(everyBlock);
  });
});
