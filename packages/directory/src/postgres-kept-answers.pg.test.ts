import { describeKeptAnswers } from "@cairn/testing/kept-answers-conformance";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { migrateDirectory } from "./postgres-migrations.ts";
import { openPostgresSpaceDirectory, type PostgresSpaceDirectory } from "./postgres-space-directory.ts";

const describe = await postgresOrSkip();

const setUp = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  const opened: PostgresSpaceDirectory[] = [];
  let now = 1_000_000;
  const perPrincipal = 20;
  return {
    database,
    open: () => {
      const directory = openPostgresSpaceDirectory({
        url: database.url,
        answers: { clock: () => now, perPrincipal },
      });
      opened.push(directory);
      return directory.answers;
    },
    perPrincipal,
    pass: (milliseconds: number) => void (now += milliseconds),
    [Symbol.asyncDispose]: async () => {
      for (const directory of opened) await directory.close();
      await database.drop();
    },
  };
};

describe("on PostgreSQL", () => {
  describeKeptAnswers("PostgreSQL", setUp);

  test("API-3 claims run out by the database's clock, which all servers share", async () => {
    await using setup = await setUp();
    const directory = openPostgresSpaceDirectory({ url: setup.database.url });
    const { answers } = directory;
    const claim = { id: "k", principal: "p", body: "b", owner: "one", leaseMs: 60_000 };
    expect(await answers.claim(claim)).toEqual({ state: "claimed" });
    expect(await answers.claim({ ...claim, owner: "two" })).toEqual({ state: "running" });
    expect(await answers.renew("k", "one", -1)).toBe(true);
    expect(await answers.claim({ ...claim, owner: "two" })).toEqual({ state: "claimed" });
    await answers.keep({ ...claim, owner: "two", space: "s", answer: '"x"', keepMs: -1 });
    expect(await answers.prune()).toBe(1);
    await directory.close();
  });
});
