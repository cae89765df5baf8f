import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeSpaceDirectory } from "@cairn/testing/space-directory-conformance";
import Database from "better-sqlite3-multiple-ciphers";
import { describe, expect, test } from "vitest";
import type { SpaceDirectory } from "./space-directory.ts";
import { openSpaceDirectory } from "./sqlite-space-directory.ts";
import { storageError } from "./storage-error.ts";

const setUp = async (options: { readonly busyMs?: number } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-directory-"));
  const file = join(folder, "deeper", "directory.db");
  const opened: SpaceDirectory[] = [];
  return {
    file,
    open: () => {
      const directory = openSpaceDirectory({ file, ...options });
      opened.push(directory);
      return directory;
    },
    [Symbol.asyncDispose]: async () => {
      for (const directory of opened) await directory.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describeSpaceDirectory("SQLite", setUp);

describe("the directory's SQLite file", () => {
  test("is not touched before the first question", async () => {
    await using setup = await setUp();
    const directory = setup.open();
    expect(existsSync(setup.file)).toBe(false);
    await directory.list();
    expect(existsSync(setup.file)).toBe(true);
  });

  test("is a write-ahead log whose commits are synced", async () => {
    await using setup = await setUp();
    await setup.open().list();
    const database = new Database(setup.file);
    expect(database.pragma("journal_mode", { simple: true })).toBe("wal");
    database.close();
  });

  test("keeps what several processes write at once", async () => {
    await using setup = await setUp();
    const script = `
      const { openSpaceDirectory } = await import(process.argv[1]);
      const directory = openSpaceDirectory({ file: process.argv[2] });
      for (let index = 0; index < 20; index += 1) await directory.create({ name: process.argv[3] + " " + index, description: null });
      await directory.close();
    `;
    const module = new URL("sqlite-space-directory.ts", import.meta.url).href;
    const processes = ["a", "b", "c"].map((name) =>
      spawn(process.execPath, ["--input-type=module", "-e", script, module, setup.file, name], { stdio: "inherit" }),
    );
    const exits = await Promise.all(processes.map((child) => once(child, "exit")));
    expect(exits.map(([code]) => code as unknown)).toEqual([0, 0, 0]);
    expect(await setup.open().list()).toHaveLength(61);
  });

  test("is storage.busy to writers while another process keeps its lock, and readable", async () => {
    await using setup = await setUp({ busyMs: 120 });
    const directory = setup.open();
    await directory.list();
    const other = new Database(setup.file);
    other.exec("begin immediate");
    await expect(directory.create({ name: "x", description: null })).rejects.toMatchObject({ code: "storage.busy" });
    expect(await directory.list()).toHaveLength(1);
    other.exec("rollback");
    other.close();
    expect(await directory.create({ name: "x", description: null })).toMatchObject({ name: "x" });
  });

  test("waits for a lock that is soon gone", async () => {
    await using setup = await setUp();
    const directory = setup.open();
    await directory.list();
    const other = new Database(setup.file);
    other.exec("begin immediate");
    setTimeout(() => other.exec("rollback"), 150);
    expect(await directory.create({ name: "x", description: null })).toMatchObject({ name: "x" });
    other.close();
  });

  test("of a newer Cairn is left alone", async () => {
    await using setup = await setUp();
    await setup.open().list();
    const other = new Database(setup.file);
    other.pragma("user_version = 99");
    other.close();
    await expect(setup.open().list()).rejects.toMatchObject({ code: "storage.newer" });
  });

  test("REC-4 with a reranking of a later version leaves it to the server", async () => {
    await using setup = await setUp();
    const directory = setup.open();
    const { id } = await directory.create({ name: "later", description: null, rerank: "heuristic" });
    const other = new Database(setup.file);
    other.prepare("update spaces set rerank = 'oracle' where id = ?").run(id);
    other.close();
    expect(await directory.resolve(id)).toMatchObject({ name: "later", rerank: null });
  });

  test("that is no database is storage.corrupt", async () => {
    await using setup = await setUp();
    await mkdir(join(setup.file, ".."), { recursive: true });
    await writeFile(setup.file, "This is not a database, whatever its name says. ".repeat(100));
    await expect(setup.open().list()).rejects.toMatchObject({ code: "storage.corrupt" });
  });

  test("in a folder that cannot be made is a coded error, and the next call tries again", async () => {
    await using setup = await setUp();
    const folder = join(setup.file, "..");
    await mkdir(join(folder, ".."), { recursive: true });
    await writeFile(folder, "a file where the folder should be");
    const directory = setup.open();
    await expect(directory.list()).rejects.toMatchObject({ code: expect.stringMatching(/^storage\./u) as string });
    await rm(folder);
    expect(await directory.list()).toHaveLength(1);
  });

  test("that cannot grow fails writes with storage.full", async () => {
    await using setup = await setUp();
    await setup.open().list();
    const full = new Database(setup.file);
    full.pragma("max_page_count = 1");
    const columns = "id, name, name_key, description, created_at, updated_at";
    const insert = full.prepare(`insert into spaces (${columns}) values (?, ?, ?, ?, 0, 0)`);
    const fill = full.transaction(() => {
      for (let index = 0; index < 100; index += 1) insert.run(`${index}`, `${index}`, `${index}`, "x".repeat(1_000));
    });
    const failure = await Promise.resolve().then(fill).catch(storageError);
    full.close();
    expect(failure).toMatchObject({ code: "storage.full" });
    expect(await setup.open().list()).toHaveLength(1);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
    "in a read-only folder is still read",
    async () => {
      await using setup = await setUp();
      const writer = setup.open();
      const made = await writer.create({ name: "kept", description: null });
      await writer.close();
      const folder = join(setup.file, "..");
      await chmod(setup.file, 0o444);
      await chmod(folder, 0o555);
      try {
        const reader = setup.open();
        expect(await reader.resolve("kept")).toEqual(made);
        await expect(reader.create({ name: "new", description: null })).rejects.toMatchObject({
          code: "storage.read_only",
        });
      } finally {
        await chmod(folder, 0o755);
      }
    },
  );
});
