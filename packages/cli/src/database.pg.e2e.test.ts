/** The commands on a PostgreSQL instead of files: what one remembers another finds, also over MCP, and it can move. */
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeDatabase, postgresOrSkip } from "@cairn/testing/postgres/postgres-or-skip";
import { expect, test } from "vitest";
import { setUpCli } from "./test-host.fixture.ts";

const describe = await postgresOrSkip();

const setUp = async () => {
  const cli = await setUpCli();
  const [first, second] = [await makeDatabase(), await makeDatabase()];
  const on =
    ({ url }: { readonly url: string }) =>
    (words: readonly string[]) =>
      cli.run(words, { env: { CAIRN_DATABASE_URL: url } });
  return {
    ...cli,
    first,
    second,
    onFirst: on(first),
    onSecond: on(second),
    [Symbol.asyncDispose]: async () => {
      await cli[Symbol.asyncDispose]();
      await first.drop();
      await second.drop();
    },
  };
};

/** Without what tells where and when it was read. */
const memoriesOf = (list: { readonly json: { readonly memories: readonly object[] } }) =>
  list.json.memories.map((memory) => ({ ...memory, space: null, seq: null }));

describe("cairn with CAIRN_DATABASE_URL", () => {
  test("API-7 ENG-2 remembers, recalls, lists, exports, and imports into a second database", async () => {
    await using setup = await setUp();
    const { onFirst, onSecond } = setup;
    const made = await onFirst(["remember", "The harbour opens at seven", "--tag", "sea", "--json"]);
    expect(made).toMatchObject({ code: 0, err: "" });
    const corrected = await onFirst(["correct", made.json.memory_id, "The harbour opens at eight", "--json"]);
    expect(corrected.code).toBe(0);
    await onFirst(["remember", "The ferry leaves at nine", "--tag", "sea"]);
    expect((await onFirst(["spaces", "create", "club", "--json"])).json.name).toBe("club");
    await onFirst(["remember", "Grace sails on Sundays", "--space", "club"]);
    const found = await onFirst(["recall", "when does the harbour open?", "--json"]);
    expect(found.json.results[0].memory.content).toBe("The harbour opens at eight");
    expect((await onFirst(["spaces", "--json"])).json.spaces).toHaveLength(2);
    expect((await onFirst(["recall", "who sails?", "--space", "club"])).out).toContain("Grace sails");

    expect(await onFirst(["export", "all.jsonl", "--json"])).toMatchObject({ code: 0, json: { memory_count: 2 } });
    const imported = await onSecond(["import", "all.jsonl", "--json"]);
    expect(imported).toMatchObject({ code: 0, json: { imported: 2, errors: 0 } });
    const list = ["list", "--all", "--json"];
    const [one, other] = [await onFirst(list), await onSecond(list)];
    expect(one).toMatchObject({ code: 0 });
    expect(memoriesOf(other)).toEqual(memoriesOf(one));
    await onFirst(["export", "one.jsonl"]);
    await onSecond(["export", "other.jsonl"]);
    const linesOf = async (name: string) =>
      (await readFile(join(setup.cwd, name), "utf8")).split("\n").filter((line) => line.includes('"content"'));
    expect(await linesOf("other.jsonl")).toEqual(await linesOf("one.jsonl"));

    // Nothing of it lies in the folder.
    const names = await readdir(setup.data);
    expect(names.filter((name) => name.endsWith(".db") || name === "spaces")).toEqual([]);
    expect((await onFirst(["stats"])).out).toContain(`/${setup.first.name}`);
    expect((await onFirst(["jobs"])).out).toBe("No job waits, runs or has failed.\n");
    expect((await onFirst(["embedder", "status", "--json"])).code).toBe(0);
    expect((await onFirst(["spaces", "remove", "club", "--yes"])).code).toBe(0);
    expect((await onFirst(["recall", "who sails?", "--space", "club"])).code).toBe(3);
  });

  test("API-6 mcp answers from the database and writes to it", async () => {
    await using setup = await setUp();
    await setup.onFirst(["remember", "The lighthouse was painted green"]);
    const { child, written, ended } = setup.start(["mcp", "--database-url", setup.first.url]);
    const send = (message: object): void =>
      void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const answers = async (count: number): Promise<readonly string[]> => {
      while (written.out.split("\n").length <= count) await once(child.stdout, "data");
      return written.out.trim().split("\n");
    };
    const client = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
    send({ id: 1, method: "initialize", params: client });
    await answers(1);
    send({ method: "notifications/initialized" });
    const call = (id: number, name: string, given: object): void =>
      send({ id, method: "tools/call", params: { name, arguments: given } });
    call(2, "tribal_recall", { query: "what colour is the lighthouse?" });
    expect((await answers(2))[1]).toContain("painted green");
    call(3, "tribal_remember", { content: "Said by an agent", source_type: "auto_capture" });
    await answers(3);
    child.stdin.end();
    expect(await ended).toMatchObject({ code: 0, err: "" });
    const list = await setup.onFirst(["list", "--json"]);
    expect(list.json.memories[0]).toMatchObject({ content: "Said by an agent", source_instance: "test-instance" });
  });

  test("ENG-2 a database that is not there is told at once, without its password", async () => {
    await using cli = await setUpCli();
    const gone = { CAIRN_DATABASE_URL: "postgres://anna:hunter2@127.0.0.1:1/none" };
    const found = await cli.run(["recall", "anything"], { env: gone });
    expect(found).toMatchObject({ code: 5, out: "" });
    expect(found.err).not.toContain("hunter2");
  });
});
