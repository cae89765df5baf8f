import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { startPostgres } from "@cairn/testing/postgres/start-postgres";
import { expect, test } from "vitest";
import { migrateDirectory } from "./postgres-migrations.ts";
import { openPostgresSpaceDirectory } from "./postgres-space-directory.ts";

const describe = await postgresOrSkip("own");

describe("OPS-5 the directory on PostgreSQL, when its server is gone", () => {
  test("says so, answers nothing from memory, and recovers alone", async () => {
    await using postgres = await startPostgres({ durable: true });
    const database = await makeDatabase(postgres.url);
    await migrateDirectory({ url: database.url });
    const [one, other] = [
      openPostgresSpaceDirectory({ url: database.url }),
      openPostgresSpaceDirectory({ url: database.url }),
    ];
    await Promise.all([one.hearing(), other.hearing()]);
    const made = await one.create({ name: "kept", description: null });
    await other.resolve("kept");

    await postgres.restart();
    // The first questions after it are answered: connections that broke meanwhile are not the caller's concern.
    expect(await one.resolve("kept")).toEqual(made);
    expect(await other.list()).toHaveLength(2);
    await Promise.all([one.hearing(), other.hearing()]);
    const described = await one.update(made.id, { description: "After the restart." });
    await other.caughtUp();
    expect(await other.resolve("kept")).toEqual(described);

    await postgres.kill9();
    await other.caughtUp();
    const outcomes = await Promise.allSettled([
      other.resolve("kept"),
      one.update(made.id, { description: "Lost." }),
      other.list(),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code: "storage.unavailable", data: { retryAfterMs: expect.any(Number) as number } },
      });
    }
    await postgres.start();
    expect(await other.resolve("kept")).toEqual(described);
    await Promise.all([one.hearing(), other.hearing()]);
    const last = await other.update(made.id, { name: "kept on" });
    await one.caughtUp();
    expect(await one.resolve("kept on")).toEqual(last);
    await Promise.all([one.close(), other.close()]);
  });
});
