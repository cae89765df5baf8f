import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeKeptAnswers } from "@cairn/testing/kept-answers-conformance";
import { expect, test } from "vitest";
import type { KeptAnswers } from "./kept-answers.ts";
import { openSqliteKeptAnswers } from "./sqlite-kept-answers.ts";

const setUp = async () => {
  const folder = await mkdtemp(join(tmpdir(), "cairn-answers-"));
  const opened: KeptAnswers[] = [];
  let now = 1_000_000;
  const perPrincipal = 20;
  return {
    folder,
    open: () => {
      const answers = openSqliteKeptAnswers({ file: join(folder, "directory.db"), clock: () => now, perPrincipal });
      opened.push(answers);
      return answers;
    },
    perPrincipal,
    pass: (milliseconds: number) => void (now += milliseconds),
    [Symbol.asyncDispose]: async () => {
      for (const answers of opened) await answers.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describeKeptAnswers("SQLite", setUp);

test("API-3 an answer outlives the process that kept it; by the database's own clock it runs out too", async () => {
  await using setup = await setUp();
  const file = join(setup.folder, "directory.db");
  const claim = { id: "k", principal: "p", body: "b", owner: "one", leaseMs: 60_000 };
  const first = openSqliteKeptAnswers({ file });
  await first.claim(claim);
  await first.keep({ ...claim, space: null, answer: '"kept"', keepMs: 60_000 });
  await first.claim({ ...claim, id: "over", leaseMs: -1 });
  await first.close();
  const second = openSqliteKeptAnswers({ file });
  expect(await second.claim({ ...claim, owner: "two" })).toEqual({ state: "done", answer: '"kept"' });
  expect(await second.claim({ ...claim, id: "over", owner: "two" })).toEqual({ state: "claimed" });
  await second.close();
  await expect(second.prune()).rejects.toMatchObject({ code: "storage.unavailable" });
});

test("MEM-3 what was erased is in no file any more, also not in the write-ahead log", async () => {
  await using setup = await setUp();
  const answers = setup.open();
  const claim = { id: "k", principal: "p", body: "b", owner: "one", leaseMs: 60_000 };
  await answers.claim(claim);
  await answers.keep({ ...claim, space: "space-a", answer: '"the hidden harbour"', keepMs: 60_000 });
  const holding = async (): Promise<readonly string[]> => {
    const names = await readdir(setup.folder);
    const contents = await Promise.all(names.map((name) => readFile(join(setup.folder, name))));
    return names.filter((_, at) => contents[at]!.includes("hidden harbour"));
  };
  expect(await holding()).not.toEqual([]);
  await answers.forgetSpace("space-a");
  expect(await holding()).toEqual([]);
});
