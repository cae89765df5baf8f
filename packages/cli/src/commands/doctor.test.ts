import { once } from "node:events";
import { open, readdir, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import Database from "better-sqlite3-multiple-ciphers";
import { describe, expect, test } from "vitest";
import { type Outcome, setUpCli } from "../test-host.fixture.ts";

type Cli = Awaited<ReturnType<typeof setUpCli>>;

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly fix: string | null;
}

const problems = (outcome: Outcome): readonly Finding[] =>
  (outcome.json.findings as readonly Finding[]).filter(({ level }) => level === "problem");

const spaceFile = async (cli: Cli): Promise<string> => {
  const folder = join(cli.data, "spaces");
  const name = (await readdir(folder)).find((file) => file.endsWith(".db"));
  return join(folder, name ?? "");
};

/** Something other than Cairn, listening. */
const otherProgram = async (answer: string) => {
  const server = createServer((_, response) => response.end(answer)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port: String(port), [Symbol.asyncDispose]: async () => void server.close() };
};

describe("API-7: cairn doctor", () => {
  test("a healthy folder: exit status 0, and every part is named", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "a memory"]);
    await cli.run(["remember", "🎉"]);
    const found = await cli.run(["doctor", "--json"]);
    expect(found).toMatchObject({ code: 0, json: { healthy: true } });
    const checks = (found.json.findings as readonly Finding[]).map(({ check }) => check);
    for (const part of [
      "node",
      "driver",
      "data",
      "disk",
      "embedder",
      "space default",
      "server",
      "Claude Code",
      "Codex",
    ]) {
      expect(checks).toContain(part);
    }
    expect((await cli.run(["doctor"])).out).toContain("All is well.");
  });

  test("before anything is remembered it makes nothing", async () => {
    await using cli = await setUpCli();
    expect(await cli.run(["doctor"])).toMatchObject({ code: 0, out: expect.stringContaining("not there yet") });
    expect(await readdir(cli.root)).not.toContain("data");
  });

  test("indexes that are out of step and missing vectors are found and mended", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "The harbour opens at seven"]);
    await cli.run(["remember", "Grace sails on Sundays"]);
    const database = new Database(await spaceFile(cli));
    database.exec("DELETE FROM v; DELETE FROM q8");
    database.close();
    const broken = await cli.run(["doctor", "--json"]);
    expect(broken.code).toBe(1);
    expect(problems(broken)).toMatchObject([
      { check: "space default", message: expect.stringContaining("vectors.lost"), fix: "cairn doctor --repair" },
    ]);
    const mended = await cli.run(["doctor", "--repair"]);
    expect(mended).toMatchObject({ code: 0, out: expect.stringContaining("2 texts got their vectors") });
    expect((await cli.run(["doctor"])).code).toBe(0);
    expect(
      (await cli.run(["recall", "boats", "--min-relevance", "0", "--explain", "--json"])).json.results[0].explain.dense
        .raw,
    ).toBeGreaterThan(0);
  });

  test("EMB-6 a space of another model than the configured one is named, and changes over on request", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "The harbour opens at seven"]);
    await cli.run(["remember", "Grace sails on Sundays"]);
    const database = new Database(await spaceFile(cli));
    database.exec("UPDATE meta SET value = 'earlier@1' WHERE key = 'embedding_model'");
    database.close();
    const found = await cli.run(["doctor", "--json"]);
    expect(problems(found)).toMatchObject([
      { check: "space default", message: expect.stringContaining("earlier@1"), fix: "cairn doctor --repair" },
    ]);
    expect(
      (await cli.run(["recall", "boats", "--min-relevance", "0", "--explain", "--json"])).json.embedder,
    ).toBeNull();
    const mended = await cli.run(["doctor", "--repair"]);
    expect(mended).toMatchObject({ code: 0, out: expect.stringContaining("2 texts got their vectors") });
    expect((await cli.run(["doctor", "--json"])).json.healthy).toBe(true);
    const { results } = (await cli.run(["recall", "boats", "--min-relevance", "0", "--explain", "--json"])).json;
    expect(results[0].explain.dense.raw).toBeGreaterThan(0);
  });

  test("EMB-6 a change of model that is under way is shown with how far it has come, and is no problem", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "The harbour opens at seven"]);
    const database = new Database(await spaceFile(cli));
    database.exec(
      "INSERT INTO meta VALUES ('next_model', 'later@1'), ('next_dimensions', '8'), ('next_provider', 'x'); INSERT INTO awaiting_vectors VALUES (1, 0, 1)",
    );
    database.close();
    const found = await cli.run(["doctor"]);
    expect(found).toMatchObject({ code: 0, out: expect.stringContaining("to later@1: 0 % done, 1 of 1 texts to go") });
    await cli.run(["doctor", "--repair"]);
    expect((await cli.run(["doctor"])).out).not.toContain("later@1");
  });

  test("a file that is damaged, or no database at all, is named with what to do", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "a memory"]);
    const file = await spaceFile(cli);
    await writeFile(file, "this is no database, ".repeat(500));
    await Promise.all([rm(`${file}-wal`, { force: true }), rm(`${file}-shm`, { force: true })]);
    const found = await cli.run(["doctor", "--json"]);
    expect(found.code).toBe(1);
    expect(problems(found)).toMatchObject([
      {
        check: "space default",
        message: expect.stringContaining("storage.corrupt"),
        fix: expect.stringContaining(file),
      },
    ]);
    expect(await cli.run(["doctor", "--repair"])).toMatchObject({ code: 1 });
    expect((await cli.run(["recall", "x"])).code).toBe(5);
  });

  test("a directory that is damaged is named with what to do", async () => {
    await using cli = await setUpCli();
    await cli.run(["remember", "a memory"]);
    await writeFile(join(cli.data, "directory.db"), "this is no database, ".repeat(500));
    await Promise.all(["-wal", "-shm"].map((end) => rm(join(cli.data, `directory.db${end}`), { force: true })));
    const found = problems(await cli.run(["doctor", "--json"]));
    expect(found).toMatchObject([{ check: "directory", fix: expect.stringContaining("directory.db") }]);
  });

  test("a page that was overwritten inside the file is found", async () => {
    await using cli = await setUpCli();
    for (let index = 0; index < 40; index += 1)
      await cli.run(["remember", `A longer memory with number ${index}: ${"word ".repeat(40)}`]);
    const file = await spaceFile(cli);
    const handle = await open(file, "r+");
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(8_192, 0xee), 0, 8_192, Math.floor(size / 2 / 4_096) * 4_096);
    await handle.close();
    const found = await cli.run(["doctor", "--json"]);
    expect(found.code).toBe(1);
    expect(problems(found)[0]?.check).toBe("space default");
  });

  test("a space whose file is gone is told; a wrong setting too", async () => {
    await using cli = await setUpCli();
    await cli.run(["spaces", "create", "work"]);
    await unlink(await spaceFile(cli));
    expect(problems(await cli.run(["doctor", "--json"]))).toMatchObject([
      { check: "space work", message: "Its file is gone." },
    ]);
    await writeFile(join(cli.data, "config.yaml"), "session_retention_days: many\n");
    expect(problems(await cli.run(["doctor", "--json"]))).toMatchObject([
      { check: "settings", message: expect.stringContaining("session_retention_days") },
    ]);
  });

  test("another program on the port is told from a server of ours", async () => {
    await using cli = await setUpCli();
    await using other = await otherProgram("hello");
    const found = await cli.run(["doctor", "--json"], { env: { CAIRN_PORT: other.port } });
    expect(problems(found)).toMatchObject([{ check: "server", fix: expect.stringContaining("cairn serve --port") }]);
    await using ours = await otherProgram(
      JSON.stringify({ status: "ok", instance_id: "x", memory_count: 3, version: "1" }),
    );
    expect((await cli.run(["doctor"], { env: { CAIRN_PORT: ours.port } })).out).toContain("version 1, 3 memories");
  });

  test("clients that are installed and not connected get the command; connected ones are named", async () => {
    await using cli = await setUpCli();
    await writeFile(join(cli.home, ".claude.json"), "{}\n");
    expect((await cli.run(["doctor"])).out).toMatch(
      /Claude Code: installed, not connected\n +cairn init --claude-code/u,
    );
    await cli.run(["init", "--claude-code", "--yes"]);
    expect((await cli.run(["doctor"])).out).toContain("Claude Code: connected");
    await writeFile(join(cli.home, ".claude.json"), "{ broken");
    expect(problems(await cli.run(["doctor", "--json"]))).toMatchObject([{ check: "Claude Code" }]);
    expect(await readFile(join(cli.home, ".claude.json"), "utf8")).toBe("{ broken");
  });
});
