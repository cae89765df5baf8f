/** What an agent waits for when it starts Cairn: nothing of a database that is not used is loaded. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { setUpCli } from "./test-host.fixture.ts";

/** Makes Node tell every module that it loads. */
const traceImports = `data:text/javascript,${encodeURIComponent(`
  import { createRequire, registerHooks } from "node:module";
  registerHooks({ load: (url, context, next) => { process.stderr.write("LOADED " + url + "\\n"); return next(url, context); } });
`)}`;

const ofDatabases =
  /node_modules\/(?:pg|pg-[a-z-]+|graphile-worker)\/|store-postgres\/src\/(?!connection\/roles)|database-storage|prom-client/u;

test("API-6 mcp, remember and recall on a folder load nothing of PostgreSQL", async () => {
  await using cli = await setUpCli();
  const { child, written, ended } = cli.start(["mcp"], ["--import", traceImports]);
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const answers = async (count: number): Promise<void> => {
    while (written.out.split("\n").length <= count) await once(child.stdout, "data");
  };
  const client = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  send({ id: 1, method: "initialize", params: client });
  await answers(1);
  send({ method: "notifications/initialized" });
  const call = { name: "tribal_remember", arguments: { content: "Said by an agent", source_type: "auto_capture" } };
  send({ id: 2, method: "tools/call", params: call });
  await answers(2);
  child.stdin.end();
  const mcp = await ended;
  const recall = await cli.start(["recall", "what did the agent say?"], ["--import", traceImports]).ended;
  for (const { code, err } of [mcp, recall]) {
    expect(code).toBe(0);
    const loaded = err.match(/LOADED .*/gu) ?? [];
    expect(loaded.some((line) => line.includes("store-sqlite"))).toBe(true);
    expect(loaded.filter((line) => ofDatabases.test(line))).toEqual([]);
  }
});
