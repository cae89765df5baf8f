/** A folder that cannot be written and a disk that is full: nothing half written, a clear code, and reading goes on. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { newId } from "@cairn/kernel/id";
import { alice, embed, engineEmbedder, ingestInto, itemOf, memoryOf } from "@cairn/testing/engine/world";
import { openSqliteEngine } from "./engine.ts";
import { makeSpaceFiles } from "@cairn/testing/sqlite/space-files";
import { readAsNobody } from "@cairn/testing/sqlite/read-as-nobody";

/** Permissions as these do not bind Windows users; root becomes somebody else for the test. */
const canLosePermission = process.platform !== "win32";

describe("a folder that cannot be written", () => {
  test.runIf(canLosePermission).each(["closed", "left with its log"])(
    "ENG-1 is read, and refuses writes with a code (%s)",
    async (state) => {
      await using files = makeSpaceFiles();
      const engine = files.open();
      const [outcome] = await engine.write(files.space, alice).remember([await itemOf("The cellar is dry")], true);
      if (state === "closed") await engine.close();
      const spaces = join(files.folder, "spaces");
      chmodSync(files.folder, 0o555);
      chmodSync(spaces, 0o555);
      execFileSync("chmod", ["-R", "a-w,a+rX", files.folder]);
      try {
        expect(await readAsNobody(files.folder, files.space)).toEqual({
          found: [memoryOf(outcome).content],
          writing: "storage.read_only",
          creating: "storage.read_only",
          findings: [],
        });
      } finally {
        execFileSync("chmod", ["-R", "u+w", files.folder]);
      }
    },
  );
});

const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("umount", [folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();
if (!canMount)
  process.stderr.write("faults.test.ts: no small disk can be mounted here; the full disk is not tested.\n");

const smallDisk = (kib: number): string => {
  const folder = mkdtempSync(join(tmpdir(), "cairn-small-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", folder]);
  onTestFinished(() => {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};

describe.runIf(canMount)("a full disk", () => {
  test("ENG-1 refuses the write with a code, keeps all before it, and writes again when there is room", async () => {
    const folder = smallDisk(1_024);
    const space = newId();
    const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0 });
    const writer = engine.write(space, alice);
    const stored: string[] = [];
    const filler = (at: number): string =>
      `entry${at} ${Array.from({ length: 60 }, (_, word) => `w${at}x${word}`).join(" ")}`;
    let refused: unknown = null;
    for (let at = 0; refused === null && at < 2_000; at++) {
      try {
        const [outcome] = await writer.remember([await itemOf(filler(at))], at % 2 === 0);
        stored.push(memoryOf(outcome).content);
      } catch (error) {
        refused = error;
      }
    }
    expect(refused).toMatchObject({ code: "storage.full" });
    expect(stored.length).toBeGreaterThan(5);
    const again = await writer.remember([await itemOf(filler(9_999))], false).catch((error: unknown) => error);
    expect(again).toMatchObject({ code: "storage.full" });
    const reader = engine.read(space);
    expect((await reader.list({ limit: 1_000, order: "oldest" })).items.map(({ content }) => content)).toEqual(stored);
    const last = stored.length - 1;
    const query = {
      query: `entry${last}`,
      vector: new Float32Array(64),
      limit: 3,
      minRelevance: 0.05,
      now: Date.now(),
    };
    expect((await reader.recall({ ...query, include: "memories" })).hits).toMatchObject([
      { memory: { content: stored[last] } },
    ]);
    expect(await engine.check(space)).toEqual([]);
    expect((await reader.changes(0, 5_000)).map(({ dot }) => dot.counter)).toEqual(stored.map((_, at) => at + 1));

    execFileSync("mount", ["-o", "remount,size=8m", folder]);
    const [more] = await writer.remember([await itemOf("Room again")], false);
    expect(memoryOf(more).content).toBe("Room again");
    await engine.close();
    const reopened = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0 });
    expect(await reopened.read(space).stats()).toMatchObject({ memories: stored.length + 1 });
    expect(await reopened.check(space)).toEqual([]);
    await reopened.close();
  });

  test("ENG-1 leaves nothing of an atomic batch, and tells which items of the others it kept", async () => {
    const folder = smallDisk(1_536);
    const space = newId();
    const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0 });
    const items = await Promise.all(
      Array.from({ length: 1_000 }, (_, at) => itemOf(`Item number ${at} of a batch that is too large for the disk`)),
    );
    await expect(engine.write(space, alice).remember(items, true)).rejects.toMatchObject({ code: "storage.full" });
    expect(await engine.read(space).stats()).toMatchObject({ memories: 0, changes: 0 });
    const outcomes = await engine.write(space, alice).remember(items, false);
    const kept = outcomes.filter(({ status }) => status === "stored").length;
    expect(kept).toBeGreaterThan(0);
    expect(outcomes[999]).toMatchObject({ status: "failed", error: { code: "storage.full" } });
    expect(await engine.read(space).stats()).toMatchObject({ memories: kept });
    expect(await engine.check(space)).toEqual([]);
    await engine.close();
  });

  test("ENG-1 opens and reads a space that fills its disk to the last byte", async () => {
    const folder = smallDisk(1_024);
    const space = newId();
    const engine = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0 });
    await engine.write(space, alice).remember([await itemOf("Written in time")], true);
    await engine.close();
    expect(() => writeFileSync(join(folder, "filler"), Buffer.alloc(2 * 1_024 * 1_024))).toThrow(/ENOSPC/);
    const reopened = openSqliteEngine({ folder, model: engineEmbedder.model, threads: 0 });
    expect(await reopened.read(space).stats()).toMatchObject({ memories: 1 });
    const written = reopened.write(space, alice).remember([await itemOf("Too late")], false);
    await expect(written).rejects.toMatchObject({
      code: expect.stringMatching(/^storage\.(full|read_only)$/) as string,
    });
    rmSync(join(folder, "filler"));
    await reopened.write(space, alice).remember([await itemOf("In time again")], false);
    await expect(
      ingestInto(reopened, space, "s", [{ role: "user", content: "hello", at: 1, timed: true }]),
    ).resolves.toMatchObject({ status: "ingested" });
    await reopened.close();
  });
});

describe("a folder that is none", () => {
  test("ENG-1 says that the data cannot be stored where a file lies", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cairn-none-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data", "spaces"), "a file, not a folder");
    const engine = openSqliteEngine({ folder: join(folder, "data"), model: engineEmbedder.model, threads: 0 });
    const item = await itemOf("x", { vectors: await embed("x") });
    const failed = engine.write(newId(), alice).remember([item], false);
    await expect(failed).rejects.toMatchObject({ code: "storage.unavailable" });
    await engine.close();
  });
});

describe("a file that numbers its documents otherwise than it says", () => {
  test("ENG-1 takes no write that would let a text point to another's document", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open();
    await engine.write(files.space, alice).remember([await itemOf("The cellar is dry")], true);
    await engine.close();
    files.tamper("DELETE FROM sqlite_sequence WHERE name = 'docs'");
    const again = files.open();
    const items = [await itemOf("The attic is full of apples")];
    await expect(again.write(files.space, alice).remember(items, false)).rejects.toMatchObject({ code: "internal" });
    const said = [{ role: "user", content: "The barn needs a roof", at: 1, timed: true }];
    await expect(ingestInto(again, files.space, "s1", said)).rejects.toMatchObject({ code: "internal" });
    expect(await again.read(files.space).stats()).toMatchObject({ memories: 1, sessions: 0, sessionChunks: 0 });
    expect(await again.check(files.space)).toEqual([]);
  });
});
