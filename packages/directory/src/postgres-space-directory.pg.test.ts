import { makeDatabase, postgresOrSkip, type TestDatabase } from "@cairn/testing/postgres/postgres-or-skip";
import { describeSpaceDirectory } from "@cairn/testing/space-directory-conformance";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { migrateDirectory } from "./postgres-migrations.ts";
import {
  openPostgresSpaceDirectory,
  type PostgresSpaceDirectory,
  type PostgresSpaceDirectoryOptions,
} from "./postgres-space-directory.ts";
import { changesChannel } from "./schema-steps.ts";
import { defaultSpaceId } from "./space-directory.ts";

const describe = await postgresOrSkip();

/** Making a database takes longer than most of these tests: they share one, which each finds as new. */
const makeShared = async () => {
  const database = await makeDatabase();
  await migrateDirectory({ url: database.url });
  // The account that servers sign in with: a member of the directory's role and of nothing else.
  return { database, ...(await database.makeLogin("NOINHERIT IN ROLE cairn_directory_app")) };
};
let shared: ReturnType<typeof makeShared> | undefined;
afterAll(async () => (await shared)?.database.drop());

const asNew = `delete from cairn_directory.spaces where id <> '${defaultSpaceId}';
  update cairn_directory.spaces set description = null, rerank = null, cell = null, epoch = 0, move_phase = null`;

const setUp = async (options: Partial<PostgresSpaceDirectoryOptions> = {}) => {
  const { database, url, name: account } = await (shared ??= makeShared());
  await database.run(asNew);
  const opened: PostgresSpaceDirectory[] = [];
  const open = () => {
    const directory = openPostgresSpaceDirectory({ url, ...options });
    opened.push(directory);
    return directory;
  };
  return {
    database,
    account,
    open,
    /** A server that remembers what it was told. */
    openHearing: async () => {
      const directory = open();
      await directory.hearing();
      return directory;
    },
    caughtUp: async (directory: unknown) => (directory as PostgresSpaceDirectory).caughtUp(),
    [Symbol.asyncDispose]: async () => {
      for (const directory of opened) await directory.close();
    },
  };
};

const listeners = (database: TestDatabase, what: string) =>
  database.run<{ pid: number }>(
    `select ${what} from pg_stat_activity where application_name = 'cairn directory changes'
     and query ilike 'listen%' and datname = current_database()`,
  );

describe("on PostgreSQL", () => {
  describeSpaceDirectory("PostgreSQL", setUp);

  describe("the directory of spaces", () => {
    test("connects to nothing before the first question", async () => {
      const directory = openPostgresSpaceDirectory({ url: "postgres://nobody@127.0.0.1:1/none" });
      expect(directory.figures()).toEqual({ remembered: 0, hearing: false, asked: 0 });
      await expect(directory.resolve("default")).rejects.toMatchObject({
        code: "storage.unavailable",
        data: { retryAfterMs: expect.any(Number) as number },
      });
      await directory.close();
      await expect(directory.resolve("default")).rejects.toMatchObject({ code: "storage.unavailable" });
    });

    test("says what to do where the account may not use it, and where there is no directory", async () => {
      await using database = await makeDatabase();
      await migrateDirectory({ url: database.url });
      const stranger = await database.makeLogin();
      await using bare = await makeDatabase();
      const account = await bare.makeLogin("IN ROLE cairn_directory_app");
      for (const { url } of [stranger, account]) {
        const directory = openPostgresSpaceDirectory({ url });
        await expect(directory.list()).rejects.toMatchObject({
          code: "config.invalid",
          data: { hint: expect.stringContaining("cairn_directory_app") as string },
        });
        await directory.close();
      }
    });

    test("OPS-5 asks the database once for what it remembers", async () => {
      await using setup = await setUp();
      const directory = await setup.openHearing();
      const made = await directory.create({ name: "Team", description: null });
      const { asked } = directory.figures();
      for (const reference of ["team", "TEAM ", made.id, "team"]) {
        expect(await directory.resolve(reference)).toEqual(made);
      }
      // Under its name and under its id.
      expect(directory.figures()).toEqual({ remembered: 2, hearing: true, asked: asked + 2 });
    });

    test("OPS-5 asks once for many who ask the same at once", async () => {
      await using setup = await setUp();
      const directory = await setup.openHearing();
      const { asked } = directory.figures();
      const answers = await Promise.all(Array.from({ length: 50 }, () => directory.resolve("default")));
      expect(new Set(answers.map((answer) => answer?.id))).toEqual(new Set([defaultSpaceId]));
      expect(directory.figures().asked).toBe(asked + 1);
    });

    test("OPS-5 forgets what another server changes, moves or removes, also by hand", async () => {
      await using setup = await setUp();
      const [one, other] = await Promise.all([setup.openHearing(), setup.openHearing()]);
      const made = await one.create({ name: "shared", description: null });
      const knows = async (): Promise<void> => {
        await other.resolve("shared");
        const { asked } = other.figures();
        await other.resolve("shared");
        expect(other.figures().asked).toBe(asked);
      };
      await knows();
      const described = await one.update(made.id, { description: "New." });
      await other.caughtUp();
      expect(await other.resolve("shared")).toEqual(described);
      await knows();
      const copying = await one.advanceMove(described, { kind: "start", to: "b" });
      await other.caughtUp();
      expect(await other.resolve("shared")).toEqual(copying);
      await knows();
      await setup.database.run(`delete from cairn_directory.spaces where id = '${made.id}'`);
      await Promise.all([one.caughtUp(), other.caughtUp()]);
      expect(await other.resolve("shared")).toBeNull();
      expect(await one.resolve(made.id)).toBeNull();
    });

    test("OPS-5 keeps what it remembers of the other spaces", async () => {
      await using setup = await setUp();
      const [one, other] = await Promise.all([setup.openHearing(), setup.openHearing()]);
      const [kept, changed] = [
        await one.create({ name: "kept", description: null }),
        await one.create({ name: "changed", description: null }),
      ];
      await other.resolve("kept");
      await one.update(changed.id, { description: "x" });
      await other.caughtUp();
      const { asked } = other.figures();
      expect(await other.resolve("kept")).toEqual(kept);
      expect(other.figures().asked).toBe(asked);
    });

    test("OPS-5 tells others ids only", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      const client = new pg.Client({ connectionString: setup.database.url });
      await client.connect();
      const heard: string[] = [];
      client.on("notification", ({ payload }) => {
        if (payload?.startsWith("probe ") !== true) heard.push(payload ?? "");
      });
      await client.query(`listen ${changesChannel}`);
      const made = await directory.create({ name: "secret name", description: "secret text" });
      await directory.update(made.id, { name: "other secret" });
      await directory.remove(made.id);
      await client.query("select 1");
      await client.end();
      expect(heard).toEqual([`spaces ${made.id}`, `spaces ${made.id}`]);
    });

    test("OPS-5 remembers nothing while its listening connection is gone, and again once it is back", async () => {
      await using setup = await setUp();
      const [one, other] = await Promise.all([setup.openHearing(), setup.openHearing()]);
      const made = await one.create({ name: "shared", description: null });
      for (const server of [one, other]) await server.resolve("shared");
      for (let round = 0; round < 3; round += 1) {
        const killed = await listeners(setup.database, "pid, pg_terminate_backend(pid, 5000)");
        expect(killed).toHaveLength(2);
        // Whatever they knew of their connections: nobody may answer with what was true before.
        const changed = await one.update(made.id, { description: `round ${round}` });
        await other.caughtUp();
        expect(await other.resolve("shared")).toEqual(changed);
        await Promise.all([one.hearing(), other.hearing()]);
        expect(await other.resolve("shared")).toEqual(changed);
        const { asked } = other.figures();
        expect(await other.resolve("shared")).toEqual(changed);
        expect(other.figures().asked - asked).toBeLessThanOrEqual(1);
      }
    });

    test("OPS-5 asks every time while it cannot listen, and remembers again when it can", async () => {
      await using setup = await setUp({ most: 1 });
      const directory = await setup.openHearing();
      await directory.resolve("default");
      await setup.database.run(`alter role ${setup.account} connection limit 1`);
      await listeners(setup.database, "pg_terminate_backend(pid, 5000)");
      await directory.caughtUp();
      for (const description of ["one", "two", "three"]) {
        await setup.database.run(`update cairn_directory.spaces set description = '${description}'`);
        expect(await directory.resolve("default")).toMatchObject({ description });
      }
      expect(directory.figures()).toMatchObject({ hearing: false, remembered: 0 });
      await setup.database.run(`alter role ${setup.account} connection limit -1`);
      await directory.hearing();
      await directory.resolve("default");
      expect(directory.figures()).toMatchObject({ hearing: true, remembered: 1 });
    });

    test("lets ten thousand spaces be read page by page and as a whole", async () => {
      await using setup = await setUp();
      const directory = setup.open();
      await setup.database.run(
        `insert into cairn_directory.spaces (id, name, name_key, created_at, updated_at)
         select '00000000-0000-7000-9000-' || lpad(n::text, 12, '0'), 's' || n, 's' || n, 0, 0 from generate_series(1, 10000) n`,
      );
      expect(await directory.list()).toHaveLength(10_001);
      const ids = new Set<string>();
      for (let after: string | null = null; ;) {
        const page = await directory.page({ after, limit: 1_000 });
        for (const { id } of page) ids.add(id);
        if (page.length < 1_000) break;
        after = page.at(-1)!.id;
      }
      expect(ids.size).toBe(10_001);
    });

    test("is storage.busy, and says when to try again, while others keep a row locked", async () => {
      await using setup = await setUp({ statementMs: 150 });
      const directory = setup.open();
      const holder = new pg.Client({ connectionString: setup.database.url });
      await holder.connect();
      await holder.query(`begin; select 1 from cairn_directory.spaces where id = '${defaultSpaceId}' for update`);
      await expect(directory.update(defaultSpaceId, { description: "x" })).rejects.toMatchObject({
        code: "storage.busy",
        data: { retryAfterMs: expect.any(Number) as number },
      });
      expect(await directory.resolve("default")).toMatchObject({ description: null });
      await holder.query("rollback");
      await holder.end();
      expect(await directory.update(defaultSpaceId, { description: "x" })).toMatchObject({ description: "x" });
    });

    test("is storage.busy when all its connections are taken, and goes on afterwards", async () => {
      await using setup = await setUp({ most: 1, waitMs: 100 });
      const directory = setup.open();
      await directory.list();
      const holder = new pg.Client({ connectionString: setup.database.url });
      await holder.connect();
      await holder.query("begin; lock table cairn_directory.spaces in access exclusive mode");
      const waiting = directory.list();
      await expect(directory.page({ limit: 1 })).rejects.toMatchObject({ code: "storage.busy" });
      await holder.query("rollback");
      await holder.end();
      expect(await waiting).toHaveLength(1);
      expect(await directory.page({ limit: 1 })).toHaveLength(1);
    });
  });
});
