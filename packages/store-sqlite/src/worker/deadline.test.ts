import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { describe, expect, test } from "vitest";
import { alice, itemOf } from "@cairn/testing/engine/world";
import { makeSpaceFiles } from "@cairn/testing/sqlite/space-files";
import type { RecallQuery } from "@cairn/memory/recall/query";
import { byDeadline, cutOf } from "@cairn/store/threads/deadline";
import type { Request } from "@cairn/store/threads/request";

const question = (deadlineAt?: number): RecallQuery => ({
  query: "red kite",
  vector: new Float32Array(0),
  vectorModel: "",
  limit: 5,
  minRelevance: 0,
  include: "memories",
  now: Date.now(),
  ...(deadlineAt !== undefined && { deadlineAt }),
});
const request = (name: string, ...args: readonly unknown[]): Request => ({ space: "", name, actor: null, args });

describe("a deadline across threads", () => {
  test("REC-6 is kept while the storage thread can say nothing, and what it says later is dropped", async () => {
    await using files = makeSpaceFiles();
    const engine = files.open({ threads: 1 });
    // Another process holds the file, so that nobody can open it.
    mkdirSync(dirname(files.file), { recursive: true });
    const other = new Database(files.file);
    other.exec("PRAGMA journal_mode = DELETE; CREATE TABLE mine (x); BEGIN EXCLUSIVE; INSERT INTO mine VALUES (1)");
    const answers = await Promise.all(
      [30, 40, 50].map((ms) => engine.read(files.space).recall(question(Date.now() + ms))),
    );
    for (const answer of answers) expect(answer).toEqual({ hits: [], total: 0, partial: true, model: null });
    const patient = engine.read(files.space).recall(question());
    other.exec("ROLLBACK; BEGIN; DROP TABLE mine; COMMIT");
    other.close();
    expect(await patient).toMatchObject({ hits: [], partial: false });
    await engine.write(files.space, alice).remember([await itemOf("A red kite over the hill")], false);
    const { hits, partial } = await engine.read(files.space).recall(question(Date.now() + 60_000));
    expect(hits).toHaveLength(1);
    expect(partial).toBe(false);
  });

  test("REC-6 concerns recalls that have one; a thread gets a moment however short it is", () => {
    expect(cutOf(request("recall", question()), 1_000)).toBeNull();
    expect(cutOf(request("get", "id"), 1_000)).toBeNull();
    expect(cutOf(request("recall", question(1_050)), 1_000)).toBe(1_050);
    expect(cutOf(request("recall", question(1_001)), 1_000)).toBe(1_005);
    expect(cutOf(request("recall", question(999)), 1_000)).toBe(1_100);
  });

  test("REC-6 an answer in time is given as it is, a failure too; one that comes later concerns nobody", async () => {
    expect(await byDeadline(Promise.resolve("answer"), Date.now() + 60_000)).toBe("answer");
    await expect(byDeadline(Promise.reject(new Error("no")), Date.now() + 60_000)).rejects.toThrow("no");
    const { promise, reject } = Promise.withResolvers<unknown>();
    expect(await byDeadline(promise, Date.now())).toMatchObject({ partial: true });
    reject(new Error("too late"));
    await expect(promise).rejects.toThrow("too late");
  });
});
