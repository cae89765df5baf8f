import { existsSync, readdirSync } from "node:fs";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { runUntilKilled } from "@cairn/testing/crash/run-until-killed";
import { expect, test } from "vitest";
import { setUpLedger } from "@cairn/testing/ledger-setup";

const program = "./ledger-worker.ts";

const runChild = async (setup: Awaited<ReturnType<typeof setUpLedger>>, lifeMs: number, killsAt = 0) => {
  const told: string[] = [];
  const place = join(setup.data, "directory.db");
  const args = [setup.data, place, setup.organisation, String(killsAt)];
  await runUntilKilled(program, args, lifeMs, (line) => told.push((line as { id: string }).id));
  return told;
};

/** Everything that was told is there once; at most what was under way at the kill is there besides. */
const expectExact = async (
  setup: Awaited<ReturnType<typeof setUpLedger>>,
  told: readonly string[],
  children: number,
) => {
  const ids = await setup.chained();
  expect(new Set(ids).size).toBe(ids.length);
  expect(told.filter((id) => !ids.includes(id))).toEqual([]);
  expect(await setup.used("calls")).toBe(ids.length);
  expect(await setup.used("queries")).toBe(ids.length);
  const bytes = await setup.used("bytes_out");
  expect(bytes).toBeLessThanOrEqual(ids.length * 100);
  expect(bytes).toBeGreaterThanOrEqual((ids.length - children) * 100);
};

test("TEN-6 TEN-8 servers that are killed at any moment lose nothing and count nothing twice", async () => {
  await using setup = await setUpLedger();
  const told: string[] = [];
  for (const lives of [
    [150, 400],
    [33, 310],
  ]) {
    const rounds = await Promise.all(lives.map((life) => runChild(setup, life)));
    told.push(...rounds.flat());
  }
  expect(told.length).toBeGreaterThan(20);
  const next = setup.open({ everyMs: 10 });
  next.start();
  await expect.poll(() => (existsSync(setup.spools) ? readdirSync(setup.spools) : []), { timeout: 10_000 }).toEqual([]);
  await next.close();
  await expectExact(setup, told, 4);
  expect(setup.failures).toEqual([]);
});

test("TEN-6 TEN-8 a server that is killed between a segment's commit and its file's removal counts it once", async () => {
  await using setup = await setUpLedger();
  const told = await runChild(setup, 20_000, 3);
  const next = setup.open({ everyMs: 10 });
  next.start();
  await expect.poll(() => readdirSync(setup.spools), { timeout: 10_000 }).toEqual([]);
  await next.close();
  await expectExact(setup, told, 1);
});

test.skipIf(process.platform === "win32")(
  "TEN-8 a disk that is full in the middle of a line costs no other line, and calls are refused",
  async () => {
    await using setup = await setUpLedger();
    const worker = new URL(import.meta.resolve("@cairn/testing/crash/full-spool-worker")).pathname;
    // The shell's blocks are 512 or 1,024 bytes; a file of that many cuts a line somewhere.
    const script = 'ulimit -f 5; exec "$0" "$@"';
    const args = ["-c", script, process.execPath, worker, setup.data, setup.organisation];
    const { stdout } = await promisify(execFile)("sh", args);
    const said = JSON.parse(stdout) as { recorded: readonly string[]; refused: string; code: string; ready: string };
    expect(said.recorded.length).toBeGreaterThan(2);
    expect(said.code).toMatch(/^storage\./u);
    expect(said.ready).toBe(said.code);
    const next = setup.open({ everyMs: 10 });
    next.start();
    await expect.poll(() => readdirSync(setup.spools), { timeout: 10_000 }).toEqual([]);
    await next.close();
    expect(await setup.chained()).toEqual(said.recorded);
    // Nothing was left of the line that was cut.
    expect(setup.failures).toEqual([]);
  },
);
