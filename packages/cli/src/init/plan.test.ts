import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits } from "./apply-edits.ts";
import { fileError } from "./config-text.ts";
import { clientFile, cloneLaunch, type Host, packageLaunch } from "./client-files.ts";
import { changesFile, type Client, clients } from "./file-edit.ts";
import { type InitOptions, planInit, planUninit } from "./plan.ts";

const setup = async () => {
  const home = await mkdtemp(join(tmpdir(), "cairn-init-"));
  const host: Host = { platform: "linux", home, env: {} };
  const options = (more: Partial<InitOptions> = {}): InitOptions => ({
    clients: ["claude-code"],
    launch: packageLaunch("linux"),
    host,
    ...more,
  });
  const put = async (path: string, text: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  return {
    home,
    host,
    options,
    put,
    file: (client: Client) => clientFile(client, host, null),
    read: (path: string) => readFile(path, "utf8"),
    init: async (more: Partial<InitOptions> = {}) => applyEdits(await planInit(options(more))),
    uninit: async (...some: readonly Client[]) =>
      applyEdits(await planUninit({ clients: some.length > 0 ? some : ["claude-code"], host })),
    [Symbol.asyncDispose]: async () => {
      await rm(home, { recursive: true, force: true });
    },
  };
};

describe("API-7: where the clients' files lie", () => {
  const host = (platform: NodeJS.Platform, env: Host["env"] = {}): Host => ({ platform, home: "/h", env });

  test("each client's own place on each system", () => {
    expect(clientFile("claude-code", host("linux"), null)).toBe("/h/.claude.json");
    expect(clientFile("claude-code", host("linux", { CLAUDE_CONFIG_DIR: "/c" }), null)).toBe("/c/.claude.json");
    expect(clientFile("claude-code", host("linux"), "/project")).toBe("/project/.mcp.json");
    const desktop = "claude_desktop_config.json";
    expect(clientFile("claude-desktop", host("linux"), null)).toBe(`/h/.config/Claude/${desktop}`);
    expect(clientFile("claude-desktop", host("darwin"), null)).toBe(`/h/Library/Application Support/Claude/${desktop}`);
    const windows = host("win32", { APPDATA: "C:\\Users\\ada\\AppData\\Roaming" });
    expect(clientFile("claude-desktop", windows, null)).toBe(`C:\\Users\\ada\\AppData\\Roaming\\Claude\\${desktop}`);
    expect(clientFile("codex", host("linux"), null)).toBe("/h/.codex/config.toml");
    expect(clientFile("codex", host("linux", { CODEX_HOME: "/x" }), null)).toBe("/x/config.toml");
  });

  test("the package is started through npx, on Windows through cmd; a clone by absolute paths", () => {
    expect(packageLaunch("darwin")).toEqual({ command: "npx", args: ["-y", "cairn-memory", "mcp"] });
    expect(packageLaunch("win32")).toEqual({ command: "cmd", args: ["/c", "npx", "-y", "cairn-memory", "mcp"] });
    expect(cloneLaunch("/opt/node", "/src/cairn.js")).toEqual({ command: "/opt/node", args: ["/src/cairn.js", "mcp"] });
  });
});

describe("API-7: cairn init and uninit on files", () => {
  test("all clients at once; each gets its own agent name, and the data folder only when chosen", async () => {
    await using on = await setup();
    await on.init({ clients });
    expect(JSON.parse(await on.read(on.file("claude-code")))).toHaveProperty("mcpServers.cairn", {
      type: "stdio",
      command: "npx",
      args: ["-y", "cairn-memory", "mcp"],
      env: { CAIRN_INSTANCE: "claude-code" },
    });
    expect(await on.read(on.file("claude-desktop"))).toContain('"CAIRN_INSTANCE": "claude-desktop"');
    expect(await on.read(on.file("codex"))).toContain('env = { CAIRN_INSTANCE = "codex" }');
    await on.init({ clients, data: "/data" });
    expect(await on.read(on.file("codex"))).toContain('env = { CAIRN_INSTANCE = "codex", CAIRN_DATA = "/data" }');
    await on.uninit(...clients);
    for (const client of clients) await expect(on.read(on.file(client))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a project's file is for the team to read, the user's only for its owner", async () => {
    await using on = await setup();
    await on.init({ project: on.home });
    await on.init();
    expect((await stat(join(on.home, ".mcp.json"))).mode & 0o777).toBe(0o644);
    expect((await stat(on.file("claude-code"))).mode & 0o777).toBe(0o600);
  });

  test("planning (--dry-run) writes nothing, not even a folder", async () => {
    await using on = await setup();
    const plan = await planInit(on.options({ clients }));
    expect(plan.map((edit) => edit.outcome)).toEqual(["connected", "connected", "connected"]);
    expect(await readdir(on.home)).toEqual([]);
  });

  test("a second run finds everything connected and leaves no trace", async () => {
    await using on = await setup();
    await on.put(on.file("codex"), 'model = "o4" # big\n');
    await on.init({ clients });
    const names = await readdir(dirname(on.file("codex")));
    const plan = await planInit(on.options({ clients }));
    expect(plan.map((edit) => [edit.outcome, changesFile(edit)])).toEqual(
      clients.map(() => ["already-connected", false]),
    );
    await applyEdits(plan);
    expect(await readdir(dirname(on.file("codex")))).toEqual(names);
    expect(names).toHaveLength(2);
  });

  test("an existing file keeps its mode and leaves a backup with the same mode; a new one leaves none", async () => {
    await using on = await setup();
    const path = on.file("claude-code");
    await on.put(path, '{"oauth": "secret"}');
    await chmod(path, 0o640);
    const [applied] = await applyEdits(await planInit(on.options()), () => Date.UTC(2024, 4, 3, 12));
    expect(applied?.backup).toBe(`${path}.cairn-backup-20240503T120000.000Z`);
    expect(await on.read(applied?.backup ?? "")).toBe('{"oauth": "secret"}');
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect((await stat(applied?.backup ?? "")).mode & 0o777).toBe(0o640);
    const [fresh] = await on.init({ clients: ["codex"] });
    expect(fresh?.backup).toBeNull();
    expect((await readdir(on.home)).filter((name) => name.includes("tmp"))).toEqual([]);
  });

  test("a link stays a link, also one that leads to nothing yet; the file it leads to is written", async () => {
    await using on = await setup();
    const real = join(on.home, "dotfiles", "claude.json");
    await on.put(real, "{}");
    await symlink(real, on.file("claude-code"));
    await mkdir(join(on.home, ".codex"));
    await symlink("../dotfiles/codex.toml", on.file("codex"));
    await on.init({ clients: ["claude-code", "codex"] });
    expect((await lstat(on.file("claude-code"))).isSymbolicLink()).toBe(true);
    expect((await lstat(on.file("codex"))).isSymbolicLink()).toBe(true);
    expect(await on.read(real)).toContain("cairn-memory");
    expect(await on.read(join(on.home, "dotfiles", "codex.toml"))).toContain("cairn-memory");
    await on.uninit("claude-code");
    expect(await on.read(real)).toBe("{}");
  });

  test("one broken file stops the whole command with every file as it was", async () => {
    await using on = await setup();
    await on.put(on.file("codex"), "model = \n");
    const error = await planInit(on.options({ clients })).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "config.invalid" });
    expect(String(error)).toContain(`${on.file("codex")}, line 1`);
    expect(await on.read(on.file("codex"))).toBe("model = \n");
    expect(await readdir(on.home)).toEqual([".codex"]);
  });

  test("what is not UTF-8, a folder in the file's place, a link to itself: refused by name", async () => {
    await using on = await setup();
    const path = on.file("claude-code");
    await on.put(path, Buffer.from("\ufeff{}", "utf16le"));
    await expect(planInit(on.options())).rejects.toMatchObject({
      code: "config.invalid",
      message: `${path} is not UTF-8 text.`,
    });
    await rm(path);
    await mkdir(path);
    await expect(planInit(on.options())).rejects.toMatchObject({ code: "config.invalid" });
    await rm(path, { recursive: true });
    await symlink(path, path);
    await expect(planInit(on.options())).rejects.toMatchObject({ code: "config.invalid" });
  });

  test("a file that changed since the plan was made is left alone", async () => {
    await using on = await setup();
    const path = on.file("claude-code");
    await on.put(path, "{}");
    const plan = await planInit(on.options());
    await on.put(path, '{"new": 1}');
    await expect(applyEdits(plan)).rejects.toMatchObject({ code: "storage.busy" });
    expect(await on.read(path)).toBe('{"new": 1}');
    expect(await readdir(on.home)).toEqual([".claude.json"]);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
    "a folder without permission to write gives a clear error and changes no other file (root may write anywhere)",
    async () => {
      await using on = await setup();
      const folder = dirname(on.file("codex"));
      await on.put(on.file("codex"), "a = 1\n");
      await on.put(on.file("claude-code"), "{}");
      await chmod(folder, 0o500);
      const plan = await planInit(on.options({ clients: ["claude-code", "codex"] }));
      await expect(applyEdits(plan)).rejects.toMatchObject({ code: "storage.read_only" });
      expect(await on.read(on.file("claude-code"))).toBe("{}");
      await chmod(folder, 0o700);
    },
  );

  test.each([
    ["EACCES", "storage.read_only"],
    ["EROFS", "storage.read_only"],
    ["ENOSPC", "storage.full"],
    ["EIO", "storage.unavailable"],
  ])("the system's %s becomes %s and names the file", (code, expected) => {
    const error = fileError(Object.assign(new Error("no"), { code }), "/etc/x", "write");
    expect(error.code).toBe(expected);
    expect(error.message).toContain("/etc/x");
  });

  test("when a later file cannot be written, the earlier ones are put back", async () => {
    await using on = await setup();
    await on.put(on.file("claude-code"), "{}");
    const plan = await planInit(on.options({ clients: ["claude-code", "codex"] }));
    await on.put(join(on.home, ".codex"), "a file where the folder should be");
    await expect(applyEdits(plan)).rejects.toBeDefined();
    expect(await on.read(on.file("claude-code"))).toBe("{}");
    expect((await readdir(on.home)).toSorted()).toEqual([".claude.json", ".codex"]);
  });

  test("uninit removes a file that init alone had made, and reports when there is nothing to do", async () => {
    await using on = await setup();
    await on.init();
    await on.uninit();
    expect((await readdir(on.home)).filter((name) => !name.includes("cairn-backup"))).toEqual([]);
    const [edit] = await planUninit({ clients: ["claude-code"], host: on.host });
    expect(edit).toMatchObject({ outcome: "not-connected", before: null, after: null });
  });

  test("uninit after the user went on editing takes out the entry and keeps the edits", async () => {
    await using on = await setup();
    const path = on.file("claude-code");
    await on.put(path, '{\n  "mcpServers": {},\n  "n": 1\n}\n');
    await on.init();
    await writeFile(path, (await on.read(path)).replace('"n": 1', '"n": 2'));
    await on.uninit();
    expect(JSON.parse(await on.read(path))).toEqual({ n: 2 });
  });

  test("uninit never brings back an older entry of Cairn from a backup", async () => {
    await using on = await setup();
    const path = on.file("codex");
    await on.put(path, "a = 1\n");
    await on.init({ clients: ["codex"] });
    await on.init({ clients: ["codex"], launch: cloneLaunch("/n", "/c") });
    await on.uninit("codex");
    expect(await on.read(path)).toBe("a = 1\n");
  });

  const spaces = fc.constantFrom("", " ", "\n", "\r\n\r\n", "\t");
  const json = fc
    .tuple(
      fc.constantFrom("", "{}", '{ "mcpServers": {} }', '{"mcpServers":{"a":{}},}', '{\n\t"mcpServers": {\n\t}\n}'),
      fc.constantFrom("", "// note\n", "/* note */"),
      fc.constantFrom("", "\ufeff"),
      spaces,
    )
    .map(([text, note, mark, space]) => (text === "" ? `${mark}${space}` : `${mark}${note}${text}${space}`));
  const toml = fc
    .tuple(
      fc.constantFrom("", "\ufeff"),
      fc.constantFrom("", "# x", 'a = "b"', "[mcp_servers.a]", "[mcp_servers]"),
      spaces,
    )
    .map((parts) => parts.join(""));

  test("init then uninit gives back the very bytes, whatever the file looked like", async () => {
    await using on = await setup();
    await fc.assert(
      fc.asyncProperty(json, toml, async (claude, codex) => {
        await rm(on.home, { recursive: true });
        await on.put(on.file("claude-code"), claude);
        await on.put(on.file("claude-desktop"), claude);
        await on.put(on.file("codex"), codex);
        await on.init({ clients });
        expect(await on.read(on.file("codex"))).not.toBe(codex);
        await on.uninit(...clients);
        expect(await on.read(on.file("claude-code"))).toBe(claude);
        expect(await on.read(on.file("claude-desktop"))).toBe(claude);
        expect(await on.read(on.file("codex"))).toBe(codex);
      }),
      { numRuns: 30 },
    );
  });
});
