/** Several servers on one PostgreSQL, as processes, through HTTP. */
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { startServerProcess, type ServerProcess } from "@cairn/testing/postgres/server-process";
import { startPostgres } from "@cairn/testing/postgres/start-postgres";
import { expect, test } from "vitest";

const describe = await postgresOrSkip();
const describeOwn = await postgresOrSkip("own");

interface Recalled {
  readonly results: readonly { readonly memory: { readonly content: string } }[];
}

const found = async (server: ServerProcess, query: string, more: object = {}): Promise<readonly string[]> => {
  const { status, body } = await server.post("/v1/recall", { query, ...more });
  if (status !== 200) throw new Error(`recall answered ${status}: ${JSON.stringify(body)}`);
  return (body as Recalled).results.map(({ memory }) => memory.content);
};

describe("several servers on one database", () => {
  test("OPS-5 start at once on an empty database: one migrates, both serve", async () => {
    await using database = await makeDatabase();
    const servers = await Promise.all([startServerProcess(database.url), startServerProcess(database.url)]);
    await using first = servers[0];
    await using second = servers[1];
    for (const server of [first, second]) expect(await server.get("/readyz")).toMatchObject({ status: 200 });
  });

  test("OPS-5 what one has acknowledged every other finds at once, and what one has forgotten none", async () => {
    await using database = await makeDatabase();
    await using first = await startServerProcess(database.url);
    await using second = await startServerProcess(database.url);
    const words = ["otter", "heron", "kingfisher", "dipper", "swallow", "bittern"];
    for (const [at, word] of words.entries()) {
      const [writer, reader] = at % 2 === 0 ? [first, second] : [second, first];
      const stored = await writer.post("/v1/remember", {
        content: `The ${word} nests by the old mill`,
        skip_dedup: true,
      });
      expect(stored.status).toBe(200);
      const { memory_id: id } = stored.body as { memory_id: string };
      expect(await found(reader, word)).toContain(`The ${word} nests by the old mill`);
      if (at % 3 !== 2) continue;
      const gone = await fetch(`${reader.url}/v1/memories/${id}`, { method: "DELETE" });
      expect(gone.ok).toBe(true);
      expect(await found(writer, word)).not.toContain(`The ${word} nests by the old mill`);
    }
  });

  test("ENG-2 two spaces of one database do not see each other, on whichever server", async () => {
    await using database = await makeDatabase();
    await using first = await startServerProcess(database.url);
    await using second = await startServerProcess(database.url);
    await first.post("/v1/spaces", { name: "left" });
    await second.post("/v1/spaces", { name: "right" });
    await first.post("/v1/remember", { content: "The left one likes marmalade", space: "left" });
    await second.post("/v1/remember", { content: "The right one likes marmalade", space: "right" });
    for (const server of [first, second])
      for (const side of ["left", "right"])
        expect(await found(server, "marmalade", { space: side })).toEqual([`The ${side} one likes marmalade`]);
  });
});

describeOwn("a server that dies, a database that goes away", () => {
  test("OPS-5 kill -9 of a server in the middle of writes loses nothing acknowledged, and the other goes on", async () => {
    await using postgres = await startPostgres({ durable: true });
    await using first = await startServerProcess(postgres.url);
    await using second = await startServerProcess(postgres.url);
    const acknowledged: string[] = [];
    let next = 0;
    const writeTo = async (server: ServerProcess, until: () => boolean): Promise<void> => {
      while (!until()) {
        const content = `Entry number ${next++} of the harbour log`;
        const { status } = await server.post("/v1/remember", { content, skip_dedup: true });
        if (status === 200) acknowledged.push(content);
      }
    };
    const killed = { yet: false };
    const writers = [first, first, first, second].map((server) =>
      writeTo(server, () => (server === first ? killed.yet : acknowledged.length >= 120)),
    );
    while (acknowledged.length < 60) await new Promise((resolve) => setTimeout(resolve, 5));
    await first.kill9();
    killed.yet = true;
    await Promise.all(writers);
    const { body } = await second.post("/v1/export", {});
    const text = JSON.stringify(body);
    expect(acknowledged.filter((content) => !text.includes(content))).toEqual([]);
    await using third = await startServerProcess(postgres.url);
    expect(await found(third, acknowledged[0] ?? "", { limit: 1 })).toEqual([acknowledged[0]]);
  }, 60_000);

  test("OPS-4 OPS-5 while the database is away calls fail retryably and /readyz says so; afterwards everything recovers alone", async () => {
    await using postgres = await startPostgres({ durable: true });
    await using server = await startServerProcess(postgres.url);
    const stored = await server.post("/v1/remember", { content: "The lighthouse keeper is called Ines" });
    expect(stored.status).toBe(200);
    await postgres.kill9();
    const refused = await server.post("/v1/remember", { content: "This one cannot be stored" });
    expect(refused).toMatchObject({ status: 503, body: { code: "storage.unavailable" } });
    await expect.poll(async () => (await server.get("/readyz")).status, { timeout: 10_000 }).toBe(503);
    expect((await server.get("/healthz")).status).toBe(200);
    await postgres.start();
    await expect.poll(async () => (await server.get("/readyz")).status, { timeout: 20_000 }).toBe(200);
    expect(await found(server, "lighthouse keeper")).toEqual(["The lighthouse keeper is called Ines"]);
    expect((await server.post("/v1/remember", { content: "The lamp was lit again" })).status).toBe(200);
    expect(await server.terminate()).toBe(0);
  }, 60_000);
});
