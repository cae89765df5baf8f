import fc from "fast-check";
import { parse, printParseErrorCode, type ParseError } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { jsonClient } from "./json-client.ts";
import type { ServerEntry } from "./file-edit.ts";

const entry: ServerEntry = {
  launch: { command: "npx", args: ["-y", "cairn-memory", "mcp"] },
  env: {},
  envDefaults: { CAIRN_INSTANCE: "claude-code" },
};
const code = jsonClient("stdio");
const desktop = jsonClient(null);
const path = "/home/ada/.claude.json";

const valid = (text: string): unknown => {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\ufeff/, ""), errors, { allowTrailingComma: true });
  expect(errors.map((error) => printParseErrorCode(error.error))).toEqual([]);
  return value;
};
const errorOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("API-7: connecting Claude's JSON files", () => {
  test("a file that is missing, empty or blank becomes a small, well laid out one", () => {
    const expected = [
      "{",
      '  "mcpServers": {',
      '    "cairn": {',
      '      "type": "stdio",',
      '      "command": "npx",',
      '      "args": [',
      '        "-y",',
      '        "cairn-memory",',
      '        "mcp"',
      "      ],",
      '      "env": {',
      '        "CAIRN_INSTANCE": "claude-code"',
      "      }",
      "    }",
      "  }",
      "}",
      "",
    ].join("\n");
    expect(code.connect(null, entry, path)).toEqual({ text: expected, outcome: "connected" });
    expect(code.connect("", entry, path).text).toBe(expected);
    expect(code.connect("\ufeff \n", entry, path).text).toBe(`\ufeff${expected}`);
    expect(valid(desktop.connect("{}", entry, path).text)).toEqual({
      mcpServers: { cairn: { command: "npx", args: entry.launch.args, env: entry.envDefaults } },
    });
  });

  test("another server, other keys, comments and tabs stay where they are", () => {
    const before = [
      "{",
      "\t// which look I like",
      '\t"theme": "dark", /* really */',
      '\t"mcpServers": {',
      '\t\t"github": {"command": "docker", "args": ["run"]} // the work one',
      "\t\t// end of servers",
      "\t},",
      '\t"numStartups": 41',
      "}",
    ].join("\r\n");
    const { text } = code.connect(before, entry, path);
    expect(text.split("\r\n").slice(0, 7)).toEqual([
      ...before.split("\r\n").slice(0, 4),
      '\t\t"github": {"command": "docker", "args": ["run"]}, // the work one',
      "\t\t// end of servers",
      '\t\t"cairn": {',
    ]);
    expect(text.endsWith('\t},\r\n\t"numStartups": 41\r\n}')).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(valid(text)).toMatchObject({
      theme: "dark",
      numStartups: 41,
      mcpServers: { github: { command: "docker" } },
    });
    expect(code.disconnect(text, path)).toBe(before);
  });

  test("a file's habit of trailing commas is followed", () => {
    const before = '{\n  "mcpServers": {\n    "a": { "command": "x" }, // first\n  },\n}\n';
    const { text } = code.connect(before, entry, path);
    expect(text).toContain('"a": { "command": "x" }, // first\n    "cairn": {');
    expect(text).toMatch(/\n {4}\},\n {2}\},\n\}\n$/);
    expect(valid(text)).toHaveProperty("mcpServers.cairn.command", "npx");
    expect(code.disconnect(text, path)).toBe(before);
  });

  test("a file on one line stays on one line", () => {
    expect(code.connect('{"a":1,"mcpServers":{}}', entry, path).text).toBe(
      '{"a":1,"mcpServers":{"cairn":{"type":"stdio","command":"npx","args":["-y","cairn-memory","mcp"],"env":{"CAIRN_INSTANCE":"claude-code"}}}}',
    );
    const spaced = '{ "a": 1 }';
    const { text } = code.connect(spaced, entry, path);
    expect(text).toMatch(/^\{ "a": 1, "mcpServers": \{ "cairn": \{ "type": "stdio", .* \} \}$/);
    expect(code.disconnect(text, path)).toBe(spaced);
  });

  test("connecting again changes nothing, whatever the user added to the entry", () => {
    const { text } = code.connect('{"a": [1]}', entry, path);
    expect(code.connect(text, entry, path)).toEqual({ text, outcome: "already-connected" });
    const added = text.replace('"CAIRN_INSTANCE": "claude-code"', '"CAIRN_INSTANCE": "my laptop", "DEBUG": "1"');
    expect(code.connect(added, entry, path)).toEqual({ text: added, outcome: "already-connected" });
  });

  test("an old command is brought up to date; variables, switches and comments of the user stay", () => {
    const before = [
      "{",
      '  "mcpServers": {',
      '    "cairn": {',
      "      // moved in May",
      '      "command": "/old/node",',
      '      "args": ["/old/cairn.js", "mcp"],',
      '      "disabled": true,',
      '      "env": { "CAIRN_INSTANCE": "laptop", "DEBUG": "1" }',
      "    }",
      "  }",
      "}",
    ].join("\n");
    const { text, outcome } = code.connect(before, { ...entry, env: { CAIRN_DATA: "/data" } }, path);
    expect(outcome).toBe("updated");
    expect(text).toContain("      // moved in May\n");
    expect(valid(text)).toEqual({
      mcpServers: {
        cairn: {
          command: "npx",
          args: ["-y", "cairn-memory", "mcp"],
          disabled: true,
          env: { CAIRN_INSTANCE: "laptop", DEBUG: "1", CAIRN_DATA: "/data" },
        },
      },
    });
    expect(valid(code.connect(text, { ...entry, env: { CAIRN_INSTANCE: "desk" } }, path).text)).toHaveProperty(
      "mcpServers.cairn.env.CAIRN_INSTANCE",
      "desk",
    );
  });

  test.each([
    ['{\n  "a": 1\n  "b": 2\n}', "line 3", "comma is missing"],
    ['{\n  "a": {\n', "line 3", "brace"],
    ["[1]", "line 1", "object"],
    ['{"a": 1}\n\n{"b": 2}', "line 3", "after the end"],
    ['{\n"mcpServers": [],\n"b": 2}', "line 2", '"mcpServers" is not an object'],
    ['{\n"mcpServers": {},\n"mcpServers": {}\n}', "line 3", "twice (lines 2 and 3)"],
    ['{"mcpServers": {\n"cairn": {},\n"cairn": {}}}', "line 3", "twice"],
    ['{"mcpServers": {"cairn": {"type": "http", "url": "http://127.0.0.1:18790/mcp"}}}', "line 1", "by address"],
    ["<<<<<<< HEAD\n{}\n", "line 1", "not valid JSON"],
  ])("a broken file is refused with file, line and advice: %j", (text, line, problem) => {
    const error = errorOf(() => code.connect(text, entry, path));
    expect(error).toMatchObject({ code: "config.invalid", data: { hint: expect.any(String) } });
    expect(String(error)).toContain(`${path}, ${line}: `);
    expect(String(error)).toContain(problem);
  });

  test("disconnecting takes out only the entry, and the list when it held nothing else", () => {
    expect(code.disconnect("{}", path)).toBeNull();
    expect(code.disconnect('{"mcpServers": {"github": {}}}', path)).toBeNull();
    expect(code.disconnect('{"mcpServers": {"cairn": {}, "github": {}}, "b": 1}', path)).toBe(
      '{"mcpServers": {"github": {}}, "b": 1}',
    );
    expect(code.disconnect('{\n  "mcpServers": {\n    "cairn": {}\n  },\n  "b": 1\n}', path)).toBe('{\n  "b": 1\n}');
  });

  const key = fc.constantFrom("a", "b b", "théme", "mcpServers", "cairn", "projects", "x/y", "{");
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.boolean(), fc.constant(null), tie("list"), tie("map")),
    list: fc.array(tie("any"), { maxLength: 3 }),
    map: fc.dictionary(key, tie("any"), { maxKeys: 4 }),
  }));
  const layout = fc.constantFrom("", "  ", "    ", "\t");
  const document = fc
    .tuple(fc.dictionary(key, value.any, { maxKeys: 5 }), fc.option(fc.dictionary(key, value.map, { maxKeys: 3 })))
    .map(([rest, servers]) => {
      const { mcpServers: _, ...others } = rest;
      const { cairn: __, ...kept } = servers ?? {};
      return servers === null ? others : { ...others, mcpServers: kept };
    });

  test("whatever the file holds, only the entry is added, and taking it out gives back the text", () => {
    fc.assert(
      fc.property(document, layout, fc.boolean(), fc.boolean(), (data, indent, windows, marked) => {
        const json = JSON.stringify(data, null, indent);
        const before = `${marked ? "\ufeff" : ""}${windows ? json.replaceAll("\n", "\r\n") : json}`;
        const { text } = code.connect(before, entry, path);
        const after = valid(text) as { readonly mcpServers: Record<string, unknown> };
        const { cairn, ...servers } = after.mcpServers;
        expect(cairn).toMatchObject({ type: "stdio", command: "npx" });
        expect({ ...after, mcpServers: servers }).toEqual({ mcpServers: {}, ...data });
        expect(code.connect(text, entry, path).outcome).toBe("already-connected");
        const without = code.disconnect(text, path) ?? "";
        const emptyList = { mcpServers: {}, ...data };
        expect({ mcpServers: {}, ...(valid(without) as object) }).toEqual(emptyList);
        const hadRoom = Object.keys(data).length > 0 && Object.keys(data.mcpServers ?? { none: 1 }).length > 0;
        expect(hadRoom ? without : before).toBe(before);
      }),
    );
  });
});
