/** The whole server on the real engine: started, used, ended, started again. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serve } from "./serve.ts";

const setup = async () => {
  const data = await mkdtemp(join(tmpdir(), "cairn-serve-"));
  const lines: string[] = [];
  const warnings: string[] = [];
  const start = (port: string | number = 0) =>
    serve({
      flags: { data, port, instance: "here" },
      out: (line) => lines.push(line),
      warn: (line) => warnings.push(line),
    });
  return { data, lines, warnings, start, [Symbol.asyncDispose]: () => rm(data, { recursive: true, force: true }) };
};
const post = async (url: string, path: string, body: object) => {
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, unknown>;
};

test("OPS-1: it says in five lines where it is, where the data is, what embeds, how to connect and what to try", async () => {
  await using given = await setup();
  const server = await given.start();
  expect(given.lines).toHaveLength(5);
  const text = given.lines.join("\n");
  for (const part of [server.url, given.data, "cairn-static", "cairn init --claude-code", "--codex", "curl"])
    expect(text).toContain(part);
  await server.stop();
});

test("MEM-1 OPS-1: what was remembered is there after the server ended and started again", async () => {
  await using given = await setup();
  const first = await given.start();
  const stored = await post(first.url, "/v1/remember", { content: "Anna drinks green tea every morning." });
  expect(stored).toMatchObject({ success: true });
  await first.stop();
  await first.ended;
  const second = await given.start();
  const recalled = await post(second.url, "/v1/recall", { query: "What does Anna drink?" });
  expect(recalled).toMatchObject({ results: [{ memory: { id: stored["memory_id"], source_instance: "here" } }] });
  await second.stop();
});

test("a busy port is an error, and nothing stays open behind it", async () => {
  await using given = await setup();
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  await expect(given.start(port)).rejects.toMatchObject({ code: "server.port_in_use" });
  holder.close();
  await once(holder, "close");
  const server = await given.start(port);
  expect(server.url).toContain(String(port));
  await server.stop();
});

test("a data folder that is a file is an error that says so", async () => {
  await using given = await setup();
  const file = join(given.data, "file");
  await writeFile(file, "");
  const failure = serve({ flags: { data: join(file, "sub"), port: 0 }, out: () => undefined, warn: () => undefined });
  await expect(failure).rejects.toMatchObject({
    code: "storage.unavailable",
    data: { hint: expect.stringContaining("CAIRN_DATA") },
  });
});

test("warnings about settings are told and do not stop it", async () => {
  await using given = await setup();
  await mkdir(given.data, { recursive: true });
  await writeFile(join(given.data, "config.yaml"), "colour: blue\n");
  const server = await given.start();
  expect(given.warnings.join()).toContain("`colour`");
  await server.stop();
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "OPS-1: %s ends the process well, with what was acknowledged on disk",
  async (signal) => {
    await using given = await setup();
    const program = [
      `import { serve } from ${JSON.stringify(new URL("./serve.ts", import.meta.url).href)};`,
      `const { url } = await serve({ flags: { data: ${JSON.stringify(given.data)}, port: 0 }, out: () => undefined, warn: () => undefined });`,
      `console.log(url);`,
    ].join("\n");
    const file = join(given.data, "program.mjs");
    await writeFile(file, program);
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    const stored = await post(first.toString().trim(), "/v1/remember", { content: `Acknowledged before ${signal}.` });
    child.kill(signal);
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(0);
    const server = await given.start();
    const found = await fetch(`${server.url}/v1/memory/${String(stored["memory_id"])}`);
    expect(found.status).toBe(200);
    await server.stop();
  },
);

test("API-1: POST /v1/shutdown ends it", async () => {
  await using given = await setup();
  const server = await given.start();
  expect(await post(server.url, "/v1/shutdown", {})).toEqual({ status: "shutting_down" });
  await server.ended;
  await expect(fetch(server.url)).rejects.toThrow();
});
