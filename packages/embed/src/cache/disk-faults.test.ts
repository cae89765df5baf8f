/** The cache on disks that are full or cannot be written, and among several processes. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDiskCache } from "./disk-cache.ts";

const vector = (seed: number) => Float32Array.from({ length: 64 }, (_, at) => seed + at);
const turns = async (count = 200): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const mount = (folder: string, options: string): void =>
  void execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });

const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-mount-"));
  try {
    mount(folder, "size=64k");
    execFileSync("umount", [folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();
if (!canMount)
  process.stderr.write("SKIPPED: no small disk can be mounted here; the cache on a full disk is not tested.\n");

const smallDisk = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-small-"));
  mount(folder, "size=512k");
  onTestFinished(() => {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};

const opened = (folder: string) => {
  const warnings: string[] = [];
  const cache = openDiskCache({ folder, bytes: 50_000_000, warn: (line) => warnings.push(line) });
  return { ...cache, warnings, [Symbol.dispose]: cache.close };
};

describe.runIf(canMount)("the cache on a disk that takes no more", () => {
  test("EMB-4 a disk that fills up costs one warning, and work goes on", async () => {
    using cache = opened(join(smallDisk(), "embeddings"));
    for (let at = 0; at < 3_000; at += 1) {
      cache.put(`key ${at}`, [vector(at)]);
      if (at % 500 === 0) await turns();
    }
    await turns();
    expect(cache.warnings).toEqual([expect.stringContaining("the disk is full")]);
    expect(cache.get(["key 2999"], 64)).toEqual([null]);
    expect(cache.figures().off).toBe("the disk is full");
  });

  test("EMB-4 a disk that is full from the start costs one warning", async () => {
    const folder = smallDisk();
    try {
      writeFileSync(join(folder, "filler"), Buffer.alloc(1_048_576));
    } catch {
      // It took what it could.
    }
    using cache = opened(join(folder, "embeddings"));
    cache.put("key", [vector(1)]);
    await turns();
    expect(cache.get(["key"], 64)).toEqual([null]);
    expect(cache.warnings).toHaveLength(1);
  });

  test("EMB-4 a disk that cannot be written costs one warning", async () => {
    const folder = smallDisk();
    {
      using cache = opened(join(folder, "embeddings"));
      cache.put("key", [vector(1)]);
    }
    execFileSync("mount", ["-o", "remount,ro", folder]);
    using cache = opened(join(folder, "embeddings"));
    cache.put("other", [vector(2)]);
    await turns();
    expect(cache.get(["other"], 64)).toEqual([null]);
    expect(cache.warnings).toEqual([expect.stringContaining("cannot be written")]);
  });
});

test("EMB-4 several processes fill one file together", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-shared-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const module = new URL("disk-cache.ts", import.meta.url).href;
  const script = `
    const { openDiskCache } = await import(${JSON.stringify(module)});
    const name = process.argv[1];
    const cache = openDiskCache({ folder: ${JSON.stringify(folder)}, bytes: 50_000_000, warn: (line) => { throw new Error(line); } });
    for (let at = 0; at < 300; at += 1) {
      cache.put(name + at, [Float32Array.from({ length: 64 }, (_, axis) => at + axis)]);
      if (at % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    cache.close();
  `;
  const names = ["one ", "two ", "three "];
  const codes = await Promise.all(
    names.map(async (name) => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script, name], { stdio: "inherit" });
      const [code] = (await once(child, "exit")) as [number];
      return code;
    }),
  );
  expect(codes).toEqual([0, 0, 0]);
  using cache = opened(folder);
  const keys = names.flatMap((name) => Array.from({ length: 300 }, (_, at) => `${name}${at}`));
  const found = cache.get(keys, 64);
  // What was busy at the very end is allowed to be missed, never to be wrong.
  expect(found.filter((vectors) => vectors !== null).length).toBeGreaterThan(850);
  for (const [index, vectors] of found.entries()) if (vectors !== null) expect(vectors).toEqual([vector(index % 300)]);
  expect(cache.figures().damaged).toBe(0);
});
