import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { describe, expect, test } from "vitest";
import { type DiskCache, type DiskCacheOptions, diskCacheFile, openDiskCache } from "./disk-cache.ts";
import { makeVectorCache } from "./vector-cache.ts";

const setUp = () => {
  const folder = join(mkdtempSync(join(tmpdir(), "cairn-cache-")), "embeddings");
  const warnings: string[] = [];
  const open = (options: Partial<DiskCacheOptions> = {}) => {
    const cache = openDiskCache({ folder, bytes: 10_000_000, warn: (line) => warnings.push(line), ...options });
    return Object.assign(cache, { [Symbol.dispose]: cache.close });
  };
  const file = diskCacheFile(folder);
  return { folder, file, warnings, open, [Symbol.dispose]: () => rmSync(join(folder, ".."), { recursive: true }) };
};
const vector = (seed: number, dimensions = 64) => Float32Array.from({ length: dimensions }, (_, at) => seed + at);
/** Turns of the event loop enough for everything to be written. */
const written = async (_: DiskCache): Promise<void> => {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const asRoot = process.getuid?.() === 0;

describe("the cache on disk", () => {
  test("EMB-4 vectors survive a restart, and only their owner may read them", () => {
    using setup = setUp();
    {
      using cache = setup.open();
      cache.put("one", [vector(1), vector(2)]);
      expect(cache.get(["one", "two"], 64)).toEqual([[vector(1), vector(2)], null]);
    }
    using again = setup.open();
    expect(again.get(["two", "one"], 64)).toEqual([null, [vector(1), vector(2)]]);
    expect(statSync(setup.folder).mode & 0o777).toBe(0o700);
    expect(statSync(setup.file).mode & 0o777).toBe(0o600);
    expect(setup.warnings).toEqual([]);
  });

  test("EMB-4 another process sees what one has written", async () => {
    using setup = setUp();
    using one = setup.open();
    using other = setup.open();
    expect(other.get(["key"], 64)).toEqual([null]);
    one.put("key", [vector(3)]);
    await written(one);
    expect(other.get(["key"], 64)).toEqual([[vector(3)]]);
  });

  test("EMB-4 stays within its bytes", async () => {
    using setup = setUp();
    using cache = setup.open({ bytes: 1_000_000 });
    const keys = Array.from({ length: 600 }, (_, at) => `key ${at}`);
    for (const key of keys) cache.put(key, [vector(1, 1_000)]);
    await written(cache);
    const { bytes, evictions } = cache.figures();
    expect(bytes).toBeLessThanOrEqual(1_000_000);
    expect(evictions).toBeGreaterThan(300);
    expect(cache.get(keys, 1_000).at(-1)).toEqual([vector(1, 1_000)]);
    cache.close();
    expect(statSync(setup.file).size).toBeLessThan(1_500_000);
  });

  test("EMB-4 what was read lately outlives what was only written", async () => {
    using setup = setUp();
    let now = 0;
    using cache = setup.open({ bytes: 1_000_000, clock: () => now });
    for (let at = 0; at < 100; at += 1) cache.put(`old ${at}`, [vector(at, 1_000)]);
    await written(cache);
    now = 2 * 86_400_000;
    cache.get(["old 7"], 1_000);
    for (let at = 0; cache.figures().evictions === 0 && at < 500; at += 1) {
      cache.put(`new ${at}`, [vector(at, 1_000)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(cache.get(["old 7", "old 8"], 1_000)).toEqual([[vector(7, 1_000)], null]);
  });

  test("EMB-4 a damaged entry is a miss and is removed", async () => {
    using setup = setUp();
    {
      using cache = setup.open();
      cache.put("good", [vector(1)]);
      cache.put("bad", [vector(2)]);
    }
    const database = new Database(setup.file);
    database.exec("update vectors set value = substr(value, 1, 100) where key = 'bad'");
    database.close();
    using cache = setup.open();
    expect(cache.get(["good", "bad"], 64)).toEqual([[vector(1)], null]);
    expect(cache.figures().damaged).toBe(1);
    cache.put("bad", [vector(3)]);
    expect(cache.get(["bad"], 64)).toEqual([[vector(3)]]);
    expect(setup.warnings).toEqual([]);
  });

  test.each([
    ["garbage", Buffer.alloc(50_000, "not a database ")],
    ["cut short", null],
  ])("EMB-4 a file that is %s starts again empty, without a word", async (_, content) => {
    using setup = setUp();
    {
      using cache = setup.open();
      for (let at = 0; at < 200; at += 1) cache.put(`key ${at}`, [vector(at)]);
    }
    writeFileSync(setup.file, content ?? readFileSync(setup.file).subarray(0, 30_000));
    using cache = setup.open();
    for (let round = 0; round < 3; round += 1) cache.get(["key 1", "key 100", "key 199"], 64);
    cache.put("new", [vector(9)]);
    await written(cache);
    expect(cache.get(["new"], 64)).toEqual([[vector(9)]]);
    expect(cache.figures().off).toBeNull();
    expect(setup.warnings).toEqual([]);
  });

  test("EMB-4 a folder that cannot be used costs one warning, and work goes on", async () => {
    using setup = setUp();
    writeFileSync(setup.folder, "a file where the folder should be");
    using cache = setup.open();
    for (let at = 0; at < 3; at += 1) cache.put(`key ${at}`, [vector(at)]);
    await written(cache);
    expect(cache.get(["key 1"], 64)).toEqual([null]);
    expect(cache.figures().off).not.toBeNull();
    expect(setup.warnings).toHaveLength(1);
    expect(setup.warnings[0]).toContain("embedded again");
  });

  test.skipIf(asRoot)(
    "EMB-4 a read-only folder costs one warning (skipped for root, who may write anywhere)",
    async () => {
      using setup = setUp();
      setup.open().close();
      chmodSync(join(setup.folder, ".."), 0o500);
      using cache = setup.open();
      cache.put("key", [vector(1)]);
      await written(cache);
      chmodSync(join(setup.folder, ".."), 0o700);
      expect(setup.warnings).toHaveLength(1);
    },
  );

  test("EMB-4 a file that takes no more costs one warning, and work goes on", async () => {
    using setup = setUp();
    using cache = setup.open();
    cache.put("key", [vector(1)]);
    await written(cache);
    const other = new Database(setup.file);
    other.exec("create trigger full before insert on vectors begin select raise(abort, 'full'); end");
    other.close();
    for (let at = 0; at < 500; at += 1) cache.put(`more ${at}`, [vector(at)]);
    await written(cache);
    expect(cache.get(["more 400"], 64)).toEqual([null]);
    expect(setup.warnings).toHaveLength(1);
  });

  test("EMB-4 while another process writes, what cannot be written waits and nothing fails", async () => {
    using setup = setUp();
    using cache = setup.open();
    cache.put("before", [vector(1)]);
    await written(cache);
    const other = new Database(setup.file);
    other.exec("begin immediate");
    cache.put("meanwhile", [vector(2)]);
    await written(cache);
    expect(cache.get(["before", "meanwhile"], 64)).toEqual([[vector(1)], [vector(2)]]);
    other.exec("commit");
    other.close();
    cache.close();
    using again = setup.open();
    expect(again.get(["meanwhile"], 64)).toEqual([[vector(2)]]);
  });

  test("EMB-4 dropped entries are gone, also those that were not yet written", async () => {
    using setup = setUp();
    {
      using cache = setup.open();
      cache.put("written", [vector(1)]);
      await written(cache);
      cache.put("pending", [vector(2)]);
      expect(cache.drop(["written", "pending"])).toBe(true);
    }
    using cache = setup.open();
    expect(cache.get(["written", "pending"], 64)).toEqual([null, null]);
  });

  test("EMB-4 with 0 bytes nothing is made on disk", () => {
    using setup = setUp();
    using cache = setup.open({ bytes: 0 });
    cache.put("key", [vector(1)]);
    expect(cache.get(["key"], 64)).toEqual([null]);
    expect(() => statSync(setup.folder)).toThrow(/ENOENT/u);
    expect(setup.warnings).toEqual([]);
  });

  test("EMB-4 two levels: memory, then disk, with figures of both", () => {
    using setup = setUp();
    {
      const cache = makeVectorCache({ memoryBytes: 100_000, disk: setup.open() });
      cache.put("key", [vector(5)]);
      expect(cache.get(["key", "none"], 64)).toEqual([[vector(5)], null]);
      expect(cache.figures()).toMatchObject({ hitsMemory: 1, hitsDisk: 0, misses: 1 });
      cache.close();
    }
    const cache = makeVectorCache({ memoryBytes: 100_000, disk: setup.open() });
    for (let round = 0; round < 2; round += 1) expect(cache.get(["key"], 64)).toEqual([[vector(5)]]);
    expect(cache.figures()).toMatchObject({ hitsMemory: 1, hitsDisk: 1, misses: 0, memory: { entries: 1 } });
    expect(cache.drop(["key"])).toBe(true);
    expect(cache.get(["key"], 64)).toEqual([null]);
    cache.close();
  });
});
