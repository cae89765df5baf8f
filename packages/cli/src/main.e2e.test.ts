/** The real command in processes of its own: what can only be seen from outside. */
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { setUpCli } from "./test-host.fixture.ts";

/** Makes Node tell every module that it loads. */
const traceImports = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  registerHooks({ load: (url, context, next) => { process.stderr.write("LOADED " + url + "\\n"); return next(url, context); } });
`)}`;

describe("API-7: cairn as a process", () => {
  test("a life of a memory, each step a process", async () => {
    await using cli = await setUpCli();
    const stored = await cli.start(["remember", "The harbour opens at seven", "--json"]).ended;
    expect(stored).toMatchObject({ code: 0, err: "" });
    const id: string = stored.json.memory_id;
    const found = await cli.start(["recall", "when does the harbour open?", "--json"]).ended;
    expect(found.json.results[0].memory.id).toBe(id);
    const corrected = (await cli.start(["correct", id, "The harbour opens at eight", "--json"]).ended).json.memory_id;
    expect((await cli.start(["forget", corrected]).ended).code).toBe(0);
    expect((await cli.start(["recall", "when does the harbour open?", "--json"]).ended).json.results).toEqual([]);
    expect((await cli.start(["restore", corrected]).ended).code).toBe(0);
    expect((await cli.start(["history", corrected]).ended).out).toContain("+ The harbour opens at eight");
  });

  test("two processes that remember at once both do, and both are found", async () => {
    await using cli = await setUpCli();
    const texts = ["The red boat sails first", "The blue boat sails second"];
    const both = await Promise.all(texts.map((text) => cli.start(["remember", text, "--json"]).ended));
    expect(both.map(({ code, json }) => [code, json?.status])).toEqual([
      [0, "stored"],
      [0, "stored"],
    ]);
    const list = await cli.run(["list", "--json"]);
    expect(list.json.memories.map((one: { content: string }) => one.content).toSorted()).toEqual(texts.toSorted());
    expect((await cli.run(["doctor"])).code).toBe(0);
  });

  test("telling the version, help and completion load neither schemas nor SQLite", async () => {
    await using cli = await setUpCli();
    for (const words of [["--version"], ["help"], ["completion", "bash"]]) {
      const { code, err, out } = await cli.start(words, ["--import", traceImports]).ended;
      expect([code, out.length > 0]).toEqual([0, true]);
      const loaded = err.match(/LOADED .*/gu) ?? [];
      expect(loaded.length).toBeGreaterThan(5);
      expect(
        loaded.filter((line) => /node_modules\/(?!@cairn)|better-sqlite3|store-sqlite|\/embed\//u.test(line)),
      ).toEqual([]);
    }
  });

  test("whoever stops reading is no error", async () => {
    await using cli = await setUpCli();
    const lines = Array.from({ length: 400 }, (_, index) =>
      JSON.stringify({ content: `Entry ${index} ${"of some length ".repeat(60)}` }),
    );
    await cli.run(["import", "-"], { input: lines.join("\n") });
    const { child, ended } = cli.start(["list", "--all"]);
    await once(child.stdout, "data");
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 0, err: "" });
  });

  test.skipIf(process.platform === "win32")(
    "Ctrl-C ends an import with 130 between two batches; run again it completes",
    async () => {
      await using cli = await setUpCli();
      const count = 6_000;
      const lines = Array.from({ length: count }, (_, index) =>
        JSON.stringify({ content: `Measurement number ${index} of the long series` }),
      );
      await writeFile(join(cli.cwd, "m.jsonl"), lines.join("\n"));
      const { child, ended, written } = cli.start(["import", "m.jsonl"]);
      while (!written.err.includes("jsonl")) await once(child.stderr, "data");
      child.kill("SIGINT");
      const first = await ended;
      expect(first).toMatchObject({ code: 130, err: expect.stringContaining("Run the same import again") });
      const before = Number(/^(\d+) imported/u.exec(first.out)?.[1]);
      expect(before).toBeLessThan(count);
      const second = await cli.run(["import", "m.jsonl", "--json"]);
      expect(second.json).toMatchObject({ imported: count - before, skipped: before, errors: 0 });
    },
    60_000,
  );

  test("init --codex --dry-run in a new home writes nothing", async () => {
    await using cli = await setUpCli();
    const { code, out } = await cli.start(["init", "--codex", "--dry-run"]).ended;
    expect([code, out.includes("+[mcp_servers.cairn]")]).toEqual([0, true]);
    await expect(readFile(join(cli.home, ".codex", "config.toml"))).rejects.toThrow("ENOENT");
  });

  test("API-6: mcp answers over stdio and sees what the shell remembered", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "The lighthouse was painted green"]);
    const { child, written, ended } = cli.start(["mcp"]);
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
    send({
      id: 2,
      method: "tools/call",
      params: { name: "tribal_recall", arguments: { query: "what colour is the lighthouse?" } },
    });
    const [, answer = ""] = await answers(2);
    expect(answer).toContain("painted green");
    send({
      id: 3,
      method: "tools/call",
      params: { name: "tribal_remember", arguments: { content: "Said by an agent", source_type: "auto_capture" } },
    });
    await answers(3);
    child.stdin.end();
    expect((await ended).code).toBe(0);
    const list = await cli.run(["list", "--json"]);
    expect(list.json.memories[0]).toMatchObject({ content: "Said by an agent", source_instance: "test-instance" });
  });
});

describe("OPS-1: cairn serve as a process", () => {
  test("it tells where everything is, answers, and ends on SIGTERM with 0; a second one on its port says so", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "The ferry leaves at nine"]);
    const { child, written, ended } = cli.start(["serve", "--port", "0"]);
    while (!written.out.includes("/v1/recall")) await once(child.stdout, "data");
    const url = /http:\/\/127\.0\.0\.1:\d+/u.exec(written.out)?.[0] ?? "";
    expect(written.out).toContain(cli.data);
    const health = await (await fetch(`${url}/v1/health`)).json();
    expect(health).toMatchObject({ status: "ok", memory_count: 1, instance_id: "test-instance" });
    const second = await cli.start(["serve", "--port", new URL(url).port]).ended;
    expect(second).toMatchObject({ code: 1, out: "", err: expect.stringContaining(new URL(url).port) });
    child.kill("SIGTERM");
    const { code } = await ended;
    expect(process.platform === "win32" || code === 0).toBe(true);
  });
});
