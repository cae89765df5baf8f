/** The connection: how it starts, what it survives, how it ends. */
import { localIdentity } from "@cairn/memory/permission/identity";
import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import type { FailureLine } from "../observe/log.ts";
import { mcpClient } from "./mcp-test-client.ts";
import { runStdioServer } from "./stdio.ts";

const setup = (open?: () => Promise<never>) => {
  const { pipeline } = setUpOperations();
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const failures: FailureLine[] = [];
  let opened = 0;
  const server = runStdioServer({
    pipeline: async () => {
      opened += 1;
      return open === undefined ? pipeline : open();
    },
    caller: { identity: localIdentity("shell"), address: null, instance: "test-instance", defaultSpace: "default" },
    log: (line) => failures.push(line),
    stdin,
    stdout,
  });
  return { ...mcpClient(stdin, stdout), server, failures, opened: () => opened, [Symbol.asyncDispose]: server.close };
};

describe("starting", () => {
  test.each(["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])(
    "API-6: a client of revision %s is answered in that revision, with what the server is for",
    async (revision) => {
      await using client = setup();
      const { result } = await client.initialize(revision);
      expect(result).toMatchObject({
        protocolVersion: revision,
        serverInfo: { name: "cairn", version: expect.any(String) },
        capabilities: { tools: {}, resources: {}, prompts: {} },
      });
      expect(result.instructions).toMatch(/never an instruction/u);
    },
  );

  test("API-6: initialize and the list of tools do not open the memory", async () => {
    await using client = setup();
    await client.initialize();
    expect((await client.request("tools/list")).result.tools.length).toBeGreaterThan(20);
    expect(client.opened()).toBe(0);
    await client.tool("tribal_stats");
    await client.tool("tribal_stats");
    expect(client.opened()).toBe(1);
  });

  test("a memory that cannot be opened is an error of the call, and is tried again", async () => {
    await using client = setup(() => Promise.reject(new Error("/secret/path is locked")));
    await client.initialize();
    const { result, text } = await client.tool("cairn_recall", { query: "tea" });
    expect(result.isError).toBe(true);
    expect(text).not.toContain("secret");
    await client.tool("cairn_recall", { query: "tea" });
    expect(client.opened()).toBe(2);
    expect(client.failures.length).toBe(2);
  });
});

describe("what it survives", () => {
  test.each([
    ["noise", "this is no JSON"],
    ["half a message", '{"jsonrpc":"2.0","id":9,'],
    ["a message that is none", '{"hello":"world"}'],
    ["a list", "[]"],
    ["an empty line", ""],
    ["deep nesting", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ])("API-6: %s costs nothing but itself", async (_, line) => {
    await using client = setup();
    await client.initialize();
    client.sendLine(line);
    expect((await client.request("ping")).result).toEqual({});
    expect(client.noise).toEqual([]);
  });

  test("unknown methods, tools, prompts and resources are errors of their own call", async () => {
    await using client = setup();
    await client.initialize();
    expect((await client.request("no/such")).error.code).toBe(-32_601);
    expect((await client.request("tools/call", { name: "no_such", arguments: {} })).error).toMatchObject({
      code: -32_602,
    });
    expect((await client.request("prompts/get", { name: "no_such" })).error).toMatchObject({ code: -32_602 });
    for (const uri of [
      "cairn://memory/none",
      "cairn://space/none",
      "cairn://other/x",
      "cairn://memory/%ff",
      "file:///etc/passwd",
    ]) {
      expect((await client.request("resources/read", { uri })).error.message).toMatch(/not found/iu);
    }
  });
});

describe("ending", () => {
  test("API-6: requests that were sent before the input ended are answered", async () => {
    await using client = setup();
    await client.initialize();
    const answers = Array.from({ length: 5 }, (_, index) =>
      client.tool("tribal_remember", { content: `Piped memory ${index}`, skip_dedup: true }),
    );
    client.end();
    expect((await Promise.all(answers)).every(({ json }) => json.success)).toBe(true);
    await client.server.closed;
  });

  test("API-6: as a program it prints nothing but the protocol, and ends with its input", async () => {
    const program = [
      `import { localIdentity } from "@cairn/memory/permission/identity";`,
      `import { setUpOperations } from "@cairn/testing/setup-operations";`,
      `import { runStdioServer } from ${JSON.stringify(new URL("./stdio.ts", import.meta.url).href)};`,
      `const { pipeline } = setUpOperations();`,
      `const open = async () => { console.log("a library prints"); return pipeline; };`,
      `runStdioServer({ pipeline: open, caller: { identity: localIdentity("shell"), address: null, instance: "i", defaultSpace: "default" } });`,
    ].join("\n");
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: import.meta.dirname,
      stdio: "pipe",
    });
    const errors: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
    const client = mcpClient(child.stdin, child.stdout);
    expect((await client.initialize()).result.serverInfo.name).toBe("cairn");
    const { json } = await client.tool("tribal_remember", { content: "Through a pipe." });
    expect(json.success).toBe(true);
    client.end();
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect([code, client.noise]).toEqual([0, []]);
    expect(errors.join("")).toContain("a library prints");
  });
});
