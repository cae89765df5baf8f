import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ownLaunch } from "../connect/own-launch.ts";
import { setUpCli } from "../test-host.fixture.ts";

describe("API-7: cairn init", () => {
  test("--dry-run shows the diff and writes nothing; without it the file is written, and uninit gives it back", async () => {
    await using cli = await setUpCli();
    await mkdir(join(cli.home, ".codex"));
    const file = join(cli.home, ".codex", "config.toml");
    await writeFile(file, 'model = "o4" # mine\n');
    const dry = await cli.run(["init", "--codex", "--dry-run"]);
    expect(dry).toMatchObject({ code: 0, err: "" });
    expect(dry.out).toContain("+[mcp_servers.cairn]");
    expect(dry.out).toContain("dry run");
    expect(await readFile(file, "utf8")).toBe('model = "o4" # mine\n');
    expect(await cli.run(["init", "--codex"])).toMatchObject({
      code: 0,
      out: expect.stringContaining("Codex: connected"),
    });
    const written = await readFile(file, "utf8");
    expect(written).toContain('model = "o4" # mine\n');
    expect(written).toContain(JSON.stringify(cli.data));
    expect((await cli.run(["init", "--codex"])).out).toContain("already connected");
    expect((await cli.run(["uninit"])).out).toContain("Codex: disconnected");
    expect(await readFile(file, "utf8")).toBe('model = "o4" # mine\n');
  });

  test("what it starts is this very Cairn", () => {
    expect(ownLaunch("linux")).toEqual({
      command: process.execPath,
      args: [expect.stringMatching(/[\\/]bin[\\/]cairn\.js$/u), "mcp"],
    });
    const bundled = "file:///opt/lib/node_modules/cairn-memory/main.js";
    expect(ownLaunch("linux", bundled)).toEqual({ command: "npx", args: ["-y", "cairn-memory", "mcp"] });
    expect(
      ownLaunch("linux", "file:///opt/node_modules/cairn-memory/packages/cli/src/connect/own-launch.ts").command,
    ).toBe("npx");
  });

  test("without an option it lists what can be connected, or asks on a terminal", async () => {
    await using cli = await setUpCli();
    await mkdir(join(cli.home, ".codex"));
    expect((await cli.run(["init"])).out).toContain("cairn init --codex     (seems to be installed)");
    expect((await cli.run(["init"], { answers: ["n"] })).out).toBe("");
    const asked = await cli.run(["init"], { answers: ["y", "y"], env: { NO_COLOR: "1" } });
    expect(asked.err).toBe("Connect Codex? [Y/n] Change this file? [Y/n] ");
    expect(await readFile(join(cli.home, ".codex", "config.toml"), "utf8")).toContain("cairn");
    expect((await cli.run(["uninit", "--codex"], { answers: ["n"] })).out).toContain("Nothing was changed");
  });

  test("one project only, as JSON for programs", async () => {
    await using cli = await setUpCli();
    const done = await cli.run(["init", "--project", ".", "--json", "--instance", "team-bot"]);
    expect(done.json).toMatchObject({
      success: true,
      dry_run: false,
      edits: [{ client: "claude-code", outcome: "connected", changed: true, backup: null }],
    });
    const written = JSON.parse(await readFile(join(cli.cwd, ".mcp.json"), "utf8"));
    expect(written.mcpServers.cairn.env.CAIRN_INSTANCE).toBe("team-bot");
  });

  test("a broken file is left alone and named", async () => {
    await using cli = await setUpCli();
    await writeFile(join(cli.home, ".claude.json"), '{"a": ');
    expect(await cli.run(["init", "--claude-code"])).toMatchObject({
      code: 6,
      err: expect.stringContaining(".claude.json, line 1"),
    });
  });

  test("--from-tribal takes the settings over and says how to bring the memories along", async () => {
    await using cli = await setUpCli();
    await mkdir(join(cli.home, ".tribal-memory", "lancedb"), { recursive: true });
    await writeFile(
      join(cli.home, ".tribal-memory", "config.yaml"),
      "instance_id: laptop\nserver:\n  session_retention_days: 60\n",
    );
    const done = await cli.run(["init", "--from-tribal"]);
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining("cairn import tribal-export.json") });
    expect(await readFile(join(cli.data, "config.yaml"), "utf8")).toContain("session_retention_days: 60");
    expect(await cli.run(["doctor"])).toMatchObject({ code: 0 });
    expect((await cli.run(["uninit", "--from-tribal"])).out).toContain("settings from TribalMemory removed");
    await writeFile(join(cli.cwd, "mine.yaml"), "instance_id: other\n");
    expect((await cli.run(["init", "--from-tribal", "mine.yaml", "--dry-run"])).out).toContain("+instance: other");
    expect((await cli.run(["init", "--from-tribal", "none.yaml"])).code).toBe(6);
  });
});
