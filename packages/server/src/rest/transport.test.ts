import { connect } from "node:net";
import { once } from "node:events";
import { CairnError } from "@cairn/kernel/error";
import { describe, expect, test } from "vitest";
import { sendRaw, serving, stubPipeline } from "../test-support.ts";
import { bodyLimit } from "./guard/body.ts";

const remembered = {
  success: true,
  status: "stored",
  memoryId: "m",
  duplicateOf: null,
  version: 1,
  conflicts: [],
  error: null,
  code: null,
};
const echo = stubPipeline(() => remembered);
const post = (port: number, body: string, headers: readonly string[] = [], path = "/v1/remember"): string =>
  [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...headers,
    "",
    body,
  ].join("\r\n");

describe("every answer", () => {
  test.each(["/", "/v1/health", "/nothing", "/openapi.json", "/docs", "/healthz"])(
    "API-3: of %s names its request, is not sniffed, and lets no other page read it",
    async (path) => {
      await using server = await serving(
        stubPipeline(() => ({ status: "ok", instanceId: "i", memoryCount: 0, version: "1" })),
      );
      const { headers } = await server.send("GET", path);
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/u);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toMatch(/no-store|no-cache/u);
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    },
  );

  test("a client's own request id is kept when it is harmless", async () => {
    await using server = await serving(echo);
    expect((await server.send("GET", "/", undefined, { "X-Request-Id": "abc-1" })).headers.get("x-request-id")).toBe(
      "abc-1",
    );
    const forged = await server.send("GET", "/", undefined, { "X-Request-Id": "a b\tc" });
    expect(forged.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/u);
  });
});

describe("who is answered", () => {
  test("API-3: a Host of another name is refused before anything is done (DNS rebinding)", async () => {
    let calls = 0;
    await using server = await serving(stubPipeline(() => (calls += 1)));
    for (const host of ["evil.example", `evil.example:${server.port}`, "127.0.0.1", "localhost:1"]) {
      const bytes = post(server.port, '{"content":"x"}').replace(/Host: .*/u, `Host: ${host}`);
      const { status, text } = await sendRaw(server.port, bytes);
      expect(status).toBe(403);
      expect(text).toContain('"code":"request.host_refused"');
    }
    expect(calls).toBe(0);
  });

  test("API-3: a request without Host is refused", async () => {
    await using server = await serving(echo);
    for (const head of ["GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"]) {
      expect((await sendRaw(server.port, head)).status).toBe(403);
    }
  });

  test("API-3: a page of another origin is refused, our own is not", async () => {
    await using server = await serving(echo);
    const refused = await server.send("POST", "/v1/remember", { content: "x" }, { Origin: "https://evil.example" });
    expect(refused).toMatchObject({ status: 403, json: { code: "request.origin_refused" } });
    const own = await server.send("POST", "/v1/remember", { content: "x" }, { Origin: server.url });
    expect(own.status).toBe(200);
  });
});

describe("bodies that are wrong", () => {
  test.each([
    ["an HTML form", "application/x-www-form-urlencoded"],
    ["plain text", "text/plain"],
    ["an upload", "multipart/form-data; boundary=x"],
  ])("API-3: %s is refused with the header to send", async (_, type) => {
    await using server = await serving(echo);
    const answer = await server.send("POST", "/v1/remember", '{"content":"x"}', { "Content-Type": type });
    expect(answer).toMatchObject({ status: 415, json: { code: "request.unsupported_media_type", status: 415 } });
    expect(answer.json.hint).toContain("Content-Type: application/json");
  });

  test("API-3: a body over the limit is refused by its declared length, without being read", async () => {
    await using server = await serving(echo);
    const head = `POST /v1/remember HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nContent-Length: ${bodyLimit + 1}\r\n\r\n{`;
    const { status, text } = await sendRaw(server.port, head);
    expect(status).toBe(413);
    expect(text.toLowerCase()).toContain("connection: close");
  });

  test("API-3: a body over the limit is refused while it arrives, when it did not say how long it is", async () => {
    await using server = await serving(echo);
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.write(
      `POST /v1/remember HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const piece = "x".repeat(1024 * 1024);
    for (let sent = 0; sent <= bodyLimit && !text.includes("413"); sent += piece.length) {
      socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await expect.poll(() => text).toContain("HTTP/1.1 413");
    socket.destroy();
  });

  test("API-3: the limit of an import is larger", async () => {
    await using server = await serving(stubPipeline(() => ({ success: true })));
    const bundle = { manifest: {}, entries: [], filler: "x".repeat(bodyLimit) };
    expect((await server.send("POST", "/v1/import", { bundle })).status).toBe(200);
  });

  test("API-3: on native routes malformed JSON is 400, and its text is not repeated", async () => {
    await using server = await serving(echo);
    const answer = await server.send("PATCH", "/v1/memories/x", '{"content": "my secret');
    expect(answer).toMatchObject({
      status: 400,
      type: "application/problem+json",
      json: { code: "request.malformed" },
    });
    expect(answer.text).not.toContain("secret");
  });

  test("API-1: on TribalMemory's routes malformed JSON is 422, as its clients know it", async () => {
    await using server = await serving(echo);
    const answer = await server.send("POST", "/v1/remember", '{"content": "my secret');
    expect(answer).toMatchObject({ status: 422, json: { detail: [{ loc: ["body"], type: "json_invalid" }] } });
    expect(answer.text).not.toContain("secret");
  });

  test("broken UTF-8 is refused, not replaced", async () => {
    await using server = await serving(echo);
    const broken = Buffer.concat([Buffer.from('{"content":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    expect(await server.send("POST", "/v1/remember", broken)).toMatchObject({ status: 422 });
    expect(await server.send("PATCH", "/v1/memories/x", broken)).toMatchObject({ status: 400 });
  });

  test("100,000 levels of nesting are an answer", async () => {
    await using server = await serving(echo);
    const body = `{"content":"x","metadata":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    expect((await server.send("POST", "/v1/remember", body)).status).toBe(422);
  });

  test.each([
    ["a list", "[]"],
    ["a number", "7"],
    ["a text", '"x"'],
    ["null", "null"],
    ["true", "true"],
  ])("a body that is %s is invalid", async (_, body) => {
    await using server = await serving(echo);
    expect((await server.send("POST", "/v1/remember", body)).status).toBe(422);
    expect((await server.send("POST", "/v1/spaces", body)).status).toBe(422);
  });

  test("an absent body is invalid where fields are needed", async () => {
    await using server = await serving(echo);
    const answer = await server.send("POST", "/v1/remember");
    expect(answer).toMatchObject({ status: 422, json: { detail: [{ loc: ["body", "content"], type: "missing" }] } });
  });

  test("keys that appear twice or are named __proto__ do no harm", async () => {
    const seen: unknown[] = [];
    await using server = await serving(stubPipeline(({ input }) => (seen.push(input), remembered)));
    const body =
      '{"content":"first","content":"second","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    expect((await server.send("POST", "/v1/remember", body)).status).toBe(200);
    expect(seen).toMatchObject([{ content: "second" }]);
    expect("polluted" in {}).toBe(false);
  });
});

describe("addresses and methods", () => {
  test.each([
    ["PUT", "/v1/remember", "OPTIONS, POST"],
    ["POST", "/v1/health", "GET, HEAD, OPTIONS"],
    ["DELETE", "/docs", "GET, HEAD, OPTIONS"],
    ["PUT", "/v1/memories/x", "DELETE, GET, HEAD, OPTIONS, PATCH"],
  ])("API-3: %s %s is 405 and says what is allowed", async (method, path, allowed) => {
    await using server = await serving(echo);
    const answer = await server.send(method, path);
    expect(answer).toMatchObject({ status: 405, json: { code: "request.method_not_allowed" } });
    expect(answer.headers.get("allow")).toBe(allowed);
  });

  test("OPTIONS tells the methods and grants nothing to other origins", async () => {
    await using server = await serving(echo);
    const { status, headers } = await server.send("OPTIONS", "/v1/remember");
    expect([status, headers.get("allow"), headers.get("access-control-allow-origin")]).toEqual([
      204,
      "OPTIONS, POST",
      null,
    ]);
  });

  test("HEAD answers like GET without a body", async () => {
    await using server = await serving(echo);
    const { status, text } = await server.send("HEAD", "/");
    expect([status, text]).toEqual([200, ""]);
  });

  test.each([
    "/v2/remember",
    "/v1",
    "/v1/",
    "//v1/health",
    "/v1/health/",
    "/docs/../../etc/passwd",
    "/docs/%2e%2e%2f",
    "/%00",
    "/%ff%zz",
    "/docs-assets/LICENSE",
  ])("API-3: %s is 404 with a problem document", async (path) => {
    await using server = await serving(echo);
    const { status, text } = await sendRaw(
      server.port,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`,
    );
    expect([status, text.includes('"code":"request.not_found"')]).toEqual([404, true]);
  });

  test("ids with anything in them reach the operation decoded, once", async () => {
    const seen: unknown[] = [];
    const pipeline = stubPipeline(({ input }) => {
      seen.push((input as { id: string }).id);
      throw new CairnError("memory.not_found", "There is no memory with this id here.");
    });
    await using server = await serving(pipeline);
    for (const id of ["a/b", "a%2Fb", "../x", "é", "a b?c#d", "'; DROP TABLE memories; --"]) {
      const answer = await server.send("GET", `/v1/memory/${encodeURIComponent(id)}`);
      expect(answer).toMatchObject({ status: 404, json: { detail: `Memory ${id} not found` } });
    }
    expect(seen).toEqual(["a/b", "a%2Fb", "../x", "é", "a b?c#d", "'; DROP TABLE memories; --"]);
  });

  test.each([
    ["the server as a whole", "OPTIONS *", 400],
    ["a target with its own host, which must be ours too", "GET http://127.0.0.1/healthz", 200],
    ["a method nobody knows", "BREW /healthz", 400],
  ])("API-3: a request for %s is answered", async (_, line, expected) => {
    await using server = await serving(echo);
    const bytes = `${line} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(server.port, bytes)).status).toBe(expected);
  });

  test("methods that tunnel or echo get nowhere", async () => {
    await using server = await serving(echo);
    const head = (method: string, target: string): string =>
      `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(server.port, head("TRACE", "/v1/health"))).status).toBe(405);
    expect((await sendRaw(server.port, head("CONNECT", "evil.example:443"))).status).toBe(0);
    expect((await server.send("GET", "/healthz")).status).toBe(200);
  });
});

describe("requests that are no requests", () => {
  const limits = { headersTimeout: 150, requestTimeout: 300, checkEvery: 30 };

  test.each([
    ["noise", "\u0000\u0001\u0002 noise\r\n\r\n", 400],
    ["TLS", "\u0016\u0003\u0001\u0002\u0000", 400],
    ["two lengths", "POST /v1/remember HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n{}",
      400,
    ],
    ["headers without end", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(200 * 1024)}\r\n\r\n`, 431],
    ["an address without end", `GET /${"x".repeat(200 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ])("API-3: %s gets a coded answer and loses its connection", async (_, bytes, expected) => {
    await using server = await serving(echo);
    const { status, text, ended } = await sendRaw(server.port, bytes, 1_000);
    expect([status, ended]).toEqual([expected, true]);
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4))).toMatchObject({
      code: expect.stringMatching(/^request\./u),
    });
    expect((await server.send("GET", "/healthz")).status).toBe(200);
  });

  test("API-3: a head that does not end is cut off in time", async () => {
    await using server = await serving(echo, { limits });
    const { status, text } = await sendRaw(server.port, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow", 2_000);
    expect([status, text.includes('"code":"request.timeout"')]).toEqual([408, true]);
  });

  test("API-3: a half-sent body is cut off in time, and nothing was done or logged", async () => {
    let calls = 0;
    await using server = await serving(
      stubPipeline(() => (calls += 1)),
      { limits },
    );
    const head = `POST /v1/remember HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"content":`;
    const { status, ended } = await sendRaw(server.port, head, 2_000);
    expect([status, ended]).toEqual([408, true]);
    expect((await server.send("GET", "/healthz")).status).toBe(200);
    expect([calls, server.failures]).toEqual([0, []]);
  });

  test("API-3: a client that leaves in the middle of its body does no harm", async () => {
    let calls = 0;
    await using server = await serving(stubPipeline(() => (calls += 1)));
    for (let round = 0; round < 5; round += 1) {
      const socket = connect(server.port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(
        `POST /v1/remember HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.resetAndDestroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await server.send("GET", "/healthz")).status).toBe(200);
    expect([calls, server.failures]).toEqual([0, []]);
  });
});

describe("what goes wrong inside", () => {
  const broken = stubPipeline(() => {
    throw new TypeError("cannot read 'my secret memory' of undefined");
  });

  test("API-3: a defect is a 500 problem without its text or stack, logged once by route and code", async () => {
    await using server = await serving(broken);
    const answer = await server.send("GET", "/v1/memories/secret-id?tags=secret-tag");
    expect(answer).toMatchObject({ status: 500, json: { code: "internal", request_id: expect.any(String) } });
    expect(answer.text).not.toMatch(/secret|\.ts:/u);
    expect(server.failures).toHaveLength(1);
    expect(server.failures[0]).toMatchObject({
      route: "GET /v1/memories/{id}",
      code: "internal",
      requestId: answer.json.request_id,
    });
    expect(JSON.stringify(server.failures)).not.toContain("secret");
  });

  test("API-1: TribalMemory's routes tell of it as a failed call, and it is logged all the same", async () => {
    await using server = await serving(broken);
    const answer = await server.send("POST", "/v1/remember", { content: "my secret memory" });
    expect(answer).toMatchObject({
      status: 200,
      json: { success: false, memory_id: null, duplicate_of: null, code: "internal" },
    });
    expect(answer.json.error).not.toContain("secret");
    expect(server.failures).toMatchObject([{ route: "POST /v1/remember", code: "internal" }]);
  });

  test("a conflict carries the current version, a busy store when to come back", async () => {
    const errors = [
      new CairnError("memory.version_conflict", "It has moved on.", { currentVersion: 7 }),
      new CairnError("storage.busy", "Busy.", { retryAfterMs: 1_500 }),
    ];
    await using server = await serving(
      stubPipeline(() => {
        throw errors.shift() ?? new Error("none left");
      }),
    );
    const conflict = await server.send("PATCH", "/v1/memories/x", { content: "y", expected_version: 1 });
    expect(conflict).toMatchObject({ status: 409, json: { code: "memory.version_conflict", current_version: 7 } });
    const busy = await server.send("PATCH", "/v1/memories/x", { content: "y" });
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "2"]);
  });
});
