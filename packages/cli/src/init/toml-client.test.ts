import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ServerEntry } from "./file-edit.ts";
import { tomlClient } from "./toml-client.ts";
import { scanToml, type TomlStatement } from "./toml-scan.ts";

const entry: ServerEntry = {
  launch: { command: "npx", args: ["-y", "cairn-memory", "mcp"] },
  env: {},
  envDefaults: { CAIRN_INSTANCE: "codex" },
};
const path = "/home/ada/.codex/config.toml";
const block = [
  "[mcp_servers.cairn]",
  'command = "npx"',
  'args = ["-y", "cairn-memory", "mcp"]',
  'env = { CAIRN_INSTANCE = "codex" }',
  "",
].join("\n");
const connect = (text: string | null, wanted = entry) => tomlClient.connect(text, wanted, path);
const errorOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

const realistic = `# Codex
model = "o4"            # the big one
notify = ["notify-send", "Codex"]
prompt = """
[mcp_servers.cairn]
command = "not really"
"""

[projects."/home/ada/wörk # 1"]
trust_level = 'trusted'

[mcp_servers.github]
command = "docker"
args = [
  "run", # a comment ]
  "-i",
]
env = { TOKEN = "x = { y }" }

[[profiles]]
name = "fast"   `;

describe("API-7: connecting Codex's TOML file", () => {
  test("a missing or empty file becomes one table", () => {
    expect(connect(null)).toEqual({ text: block, outcome: "connected" });
    expect(connect("").text).toBe(block);
  });

  test("the table goes to the end; comments, layout and line endings stay", () => {
    expect(connect(realistic).text).toBe(`${realistic}\n\n${block}`);
    expect(connect("a = 1\n").text).toBe(`a = 1\n\n${block}`);
    expect(connect("a = 1\n\n").text).toBe(`a = 1\n\n${block}`);
    const windows = realistic.replaceAll("\n", "\r\n");
    expect(connect(windows).text).toBe(`${windows}\r\n\r\n${block.replaceAll("\n", "\r\n")}`);
  });

  test("connecting again changes nothing, in whichever way the entry is written", () => {
    for (const text of [
      connect(realistic).text,
      `${block.replace(/env.*\n/, "")}\n[mcp_servers.cairn.env]\nCAIRN_INSTANCE = 'mine'\nDEBUG = "1"\n`,
      block.replace("mcp_servers.cairn", " \"mcp_servers\" . 'cairn' ").replace("npx", "\\u006epx"),
      'mcp_servers = { cairn = { command = "npx", args = ["-y", "cairn-memory", "mcp"], env.CAIRN_INSTANCE = "codex" } }',
      '[mcp_servers]\ncairn.command = "npx"\ncairn.args = ["-y","cairn-memory","mcp"]\ncairn.env.CAIRN_INSTANCE = "a"\n',
    ]) {
      expect(connect(text)).toEqual({ text, outcome: "already-connected" });
    }
  });

  test("an old command is brought up to date in place; the user's own lines stay", () => {
    const before = [
      '[mcp_servers."cairn"] # memory',
      'command = "/old/node" # was here',
      "args = [",
      '  "/old/cairn.js",',
      "]",
      "startup_timeout_sec = 20",
      "",
      "[mcp_servers.cairn.env]",
      'DEBUG = "1"',
      "",
      "# other things",
      "[tui]",
      "theme = true",
    ].join("\n");
    const { text, outcome } = connect(before);
    expect(outcome).toBe("updated");
    expect(text).toBe(
      [
        '[mcp_servers."cairn"] # memory',
        'command = "npx" # was here',
        'args = ["-y", "cairn-memory", "mcp"]',
        "startup_timeout_sec = 20",
        "",
        "[mcp_servers.cairn.env]",
        'DEBUG = "1"',
        'CAIRN_INSTANCE = "codex"',
        "",
        "# other things",
        "[tui]",
        "theme = true",
      ].join("\n"),
    );
    expect(connect(text).outcome).toBe("already-connected");
    expect(tomlClient.disconnect(text, path)).toBe("# other things\n[tui]\ntheme = true".replace(/^/, "\n"));
  });

  test("variables are merged into whichever form is there", () => {
    const wanted: ServerEntry = { ...entry, env: { CAIRN_DATA: "C:\\data" } };
    const inline = connect(block.replace("env = {", 'env = { "A B" = "1",'), wanted).text;
    expect(inline).toContain('env = { "A B" = "1", CAIRN_INSTANCE = "codex", CAIRN_DATA = "C:\\\\data" }');
    const none = connect(block.replace(/env.*\n/, ""), wanted).text;
    expect(none).toContain('env = { CAIRN_INSTANCE = "codex", CAIRN_DATA = "C:\\\\data" }\n');
    const dotted = connect(block.replace(/env.*\n/, 'env.DEBUG = "1"'), wanted).text;
    expect(dotted).toContain('env.DEBUG = "1"\nenv.CAIRN_INSTANCE = "codex"\nenv.CAIRN_DATA = "C:\\\\data"\n');
    const onlyEnv = connect('a = 1\n[mcp_servers.cairn.env]\nDEBUG = "1"\n', wanted).text;
    expect(tomlClient.read(onlyEnv, path)).toEqual({
      launch: entry.launch,
      env: { DEBUG: "1", CAIRN_INSTANCE: "codex", CAIRN_DATA: "C:\\data" },
      envDefaults: {},
    });
  });

  test.each([
    ['model = "o4\n', "line 1", "quote is missing"],
    ["a = 1\nmodel = o4\n", "line 2", "needs quotes"],
    ["a = [1,\n2\n", "line 1", "closing ] is missing"],
    ["[tui\n", "line 1", "closing ]"],
    ["just words\n", "line 1", "equals sign"],
    ['a = "\\q"\n', "line 1", "escape"],
    ["\n\na = '''x\n", "line 3", "not closed"],
    ["a = 1 b = 2\n", "line 1", "more text"],
    ["[mcp_servers.cairn]\n[mcp_servers.cairn]\n", "line 2", "twice"],
    ['[mcp_servers.cairn]\ncommand = "a"\ncommand = "b"\n', "line 3", "twice"],
    ['mcp_servers = { github = { command = "x" } }\n', "line 1", "inline"],
    ['[mcp_servers]\ncairn = { command = "old" }\n', "line 2", "inline"],
    ["[[mcp_servers]]\n", "line 1", "not a table"],
    ["mcp_servers = 1\n", "line 1", "not a table"],
    ['\n[mcp_servers.cairn]\nurl = "http://127.0.0.1:18790/mcp"\n', "line 2", "by address"],
  ])("what cannot be edited safely is refused with file, line and advice: %j", (text, line, problem) => {
    const error = errorOf(() => connect(text));
    expect(error).toMatchObject({ code: "config.invalid", data: { hint: expect.any(String) } });
    expect(String(error)).toContain(`${path}, ${line}: `);
    expect(String(error)).toContain(problem);
  });

  test("disconnecting takes out the table, its sub-tables and nothing else", () => {
    expect(tomlClient.disconnect(realistic, path)).toBeNull();
    expect(tomlClient.disconnect(connect(`${realistic}\n`).text, path)).toBe(`${realistic}\n`);
    const split = `${block}\n[mcp_servers.cairn.tools.x]\na = 1\n\n# mine\n[b]\nc = 1\n\n[mcp_servers.cairn.env]\nD = "1"\n`;
    expect(tomlClient.disconnect(split, path)).toBe("\n# mine\n[b]\nc = 1\n");
    expect(tomlClient.disconnect('[mcp_servers]\na.command = "x"\ncairn = { command = "y" }\n', path)).toBe(
      '[mcp_servers]\na.command = "x"\n',
    );
    const inline = errorOf(() => tomlClient.disconnect('mcp_servers = { cairn = { command = "x" } }', path));
    expect(inline).toMatchObject({ code: "config.invalid" });
  });

  const name = fc.constantFrom("a", '"b.c"', "'d e'", "mcp_servers", "x.y", "tools");
  const value = fc.constantFrom(
    "1",
    "true",
    '"[t] # x"',
    "'c:\\d'",
    "[1, [2], ]",
    "{ a = 1, b.c = 'x' }",
    "1979-05-27 07:32:00Z",
    '"""\n[mcp_servers.cairn]\n"quoted""""',
    "'''a''b'''",
    "[ # c\n  'x', # y ]\n]",
    "+1e3",
    "-inf",
    "0xff",
  );
  const line = fc.oneof(
    fc.tuple(name, value).map(([key, one]) => `${key} = ${one}`),
    fc.constantFrom(
      "",
      "# comment [x]",
      "  # more = ",
      "[table]",
      "[[list]]",
      '[mcp_servers."other"] # x',
      "[ a . b ]",
    ),
  );
  // A line of the root table named mcp_servers would be an inline table or a broken file; both are refused above.
  const document = fc
    .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
    .map(([lines, eol, closed]) => `[start]\n${lines.join("\n")}${closed ? "\n" : ""}`.replaceAll("\n", eol));

  test("whatever the file holds, it stays as the beginning, and the entry is read back", () => {
    fc.assert(
      fc.property(document, (before) => {
        const { text, outcome } = connect(before);
        expect(outcome).toBe("connected");
        expect(text.startsWith(before)).toBe(true);
        expect(tomlClient.read(text, path)).toEqual({ launch: entry.launch, env: entry.envDefaults, envDefaults: {} });
        expect(connect(text).outcome).toBe("already-connected");
        const without = tomlClient.disconnect(text, path) ?? "";
        expect(without.trimEnd()).toBe(before.trimEnd());
      }),
    );
  });

  test("the scanner never does anything but give statements in order or refuse", () => {
    const piece = fc.constantFrom(
      "a",
      "=",
      '"',
      "'",
      "[",
      "]",
      "{",
      "}",
      ",",
      ".",
      "\n",
      "\r\n",
      "#",
      " ",
      "1",
      '"""',
      "\\",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join("");
        let refused = -1;
        const refuse = (offset: number): never => {
          refused = offset;
          throw new Error("refused");
        };
        const found = errorOf(() => scanToml(text, refuse));
        const wasRefused = refused >= 0 && refused <= text.length;
        const ends = Array.isArray(found) ? found.flatMap((one: TomlStatement) => [one.from, one.to]) : [];
        expect(wasRefused || Array.isArray(found)).toBe(true);
        expect(ends).toEqual(ends.toSorted((one, other) => one - other));
      }),
      { numRuns: 2_000 },
    );
  });
});
