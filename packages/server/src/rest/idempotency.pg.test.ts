/** Requests that are sent twice, to several servers on one PostgreSQL. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { startServerProcess } from "@cairn/testing/postgres/server-process";
import { openPool } from "@cairn/store-postgres/connection/pool";
import { expect, test, vi } from "vitest";
import { openServer } from "./idempotency.fixture.ts";

const describe = await postgresOrSkip();

const setUp = async () => {
  const data = await mkdtemp(join(tmpdir(), "cairn-twice-"));
  const database = await makeDatabase();
  const first = await openServer(data, database.url);
  const second = await openServer(data, database.url);
  return {
    database,
    servers: [first, second] as const,
    [Symbol.asyncDispose]: async () => {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
      await database.drop();
      await rm(data, { recursive: true, force: true });
    },
  };
};

const countOf = async (server: Awaited<ReturnType<typeof setUp>>["servers"][number]): Promise<number> =>
  (await server.send("GET", "/v1/stats")).json.total_memories;

describe("an Idempotency-Key on servers that share a database", () => {
  test("API-3 OPS-5 fifty at once on two servers write one memory, and all get its answer", async () => {
    await using setup = await setUp();
    const { servers } = setup;
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, at) => servers[at % 2 === 0 ? 0 : 1].write("race", "The harbour opens at seven.")),
    );
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(all.map(({ json }) => json.memory_id)).size).toBe(1);
    expect(all.filter(({ headers }) => headers.get("idempotency-replayed") === null)).toHaveLength(1);
    expect(await countOf(servers[1])).toBe(1);
    expect(await servers[1].write("race", "Another text.")).toMatchObject({
      status: 409,
      json: { code: "request.idempotency_conflict" },
    });
  });

  test("API-3 OPS-5 a server killed in the middle of a write leaves a claim; when that is over, a retry writes once", async () => {
    await using setup = await setUp();
    const { servers, database } = setup;
    await servers[0].write("other", "Another memory.");
    const underWay = "select owner from cairn_directory.kept_answers where owner is not null";
    const pool = openPool({ url: database.url, role: null, name: "test", most: 1 });
    {
      await using dying = await startServerProcess(database.url);
      await pool.transaction({ space: null }, async ({ query }) => {
        // Nobody can write to the space, so the request stays in the middle.
        await query("select from cairn.space_state for update");
        const lost = fetch(`${dying.url}/v1/remember`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "Idempotency-Key": "k" },
          body: JSON.stringify({ content: "Once.", skip_dedup: true }),
        }).catch(() => null);
        await vi.waitFor(async () => expect(await database.run(underWay)).toHaveLength(1), { timeout: 10_000 });
        await dying.kill9();
        await lost;
      });
    }
    await pool.close();
    const retry = servers[0].write("k", "Once.");
    await expect(servers[1].write("k", "Twice.")).resolves.toMatchObject({ status: 409 });
    // As if the lease's time had passed: the retry waits for the server that is gone until then.
    await database.run("update cairn_directory.kept_answers set until = 0 where owner is not null");
    const answer = await retry;
    expect([answer.status, answer.headers.get("idempotency-replayed")]).toEqual([200, null]);
    expect((await servers[1].write("k", "Once.")).json).toEqual(answer.json);
    expect(await countOf(servers[0])).toBe(2);
  });

  test("API-3 where a server died between its commit and the keeping of its answer, a retry writes again", async () => {
    await using setup = await setUp();
    const { servers, database } = setup;
    await servers[0].write("k", "Once.");
    // The gap that is left (`idempotency.ts`).
    await database.run("update cairn_directory.kept_answers set owner = 'gone', answer = null, until = 0");
    expect((await servers[1].write("k", "Once.")).status).toBe(200);
    expect(await countOf(servers[0])).toBe(2);
  });

  test("MEM-3 a purge on one server erases the answers that another gave", async () => {
    await using setup = await setUp();
    const { servers, database } = setup;
    const id: string = (await servers[0].write("made", "Before.")).json.memory_id;
    const change = (server: (typeof servers)[number]) =>
      server.send("PATCH", `/v1/memories/${id}`, { content: "The hidden harbour." }, { "Idempotency-Key": "changed" });
    await change(servers[0]);
    expect((await change(servers[1])).json.content).toBe("The hidden harbour.");
    expect((await servers[1].send("DELETE", `/v1/memories/${id}?purge=true`)).status).toBe(200);
    expect(await change(servers[0])).toMatchObject({ status: 409, json: { code: "request.already_done" } });
    const rows = await database.run("select * from cairn_directory.kept_answers");
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toMatch(/hidden|Before|changed/u);
  });
});
