/**
 * Nothing of what clients send reaches logs, metrics or traces: a secret is put wherever a request has room for one, on
 * every route, answered well, refused and failing inside.
 */
import { createServer } from "node:http";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { makePipeline } from "@cairn/operations/pipeline";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { bindings } from "../rest/bindings.ts";
import { sendRaw, serving } from "../test-support.ts";
import { describeCause } from "./log.ts";
import { openObserver } from "./observer.ts";

const secret = "s3cr3t";

const setup = async (breaks: boolean) => {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "cairn-secrets-"));
  opening.defer(() => rm(folder, { recursive: true }));
  const file = await open(join(folder, "log"), "a");
  opening.defer(() => file.close());
  const traces: string[] = [];
  const collector = createServer((request, response) => {
    void text(request).then((body) => (traces.push(body), response.end("{}")));
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  opening.defer(async () => {
    collector.closeAllConnections();
    await collector[Symbol.asyncDispose]();
  });
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const warnings: string[] = [];
  const observer = await openObserver({
    settings: { logFormat: "json", logLevel: "debug", logRequests: true, tracing: { endpoint, headers: {}, ratio: 1 } },
    servesOthers: true,
    instance: "test-instance",
    version: "9.9.9",
    warn: (line) => warnings.push(line),
    descriptor: file.fd,
  });
  const fail = (): never => {
    throw new TypeError(`cannot read '${secret}'\n    at ${secret} (${secret}:1:1)`);
  };
  const { services } = setUpOperations();
  const given = breaks ? { ...services, engine: { ...services.engine, read: fail, write: fail } } : services;
  const pipeline = makePipeline(observer.services(given), { observe: observer.operation });
  const server = await serving(observer.pipeline(pipeline), {
    metrics: observer.metrics,
    requests: observer.requests,
    log: observer.log.failure,
    limits: { headersTimeout: 200, requestTimeout: 200, checkEvery: 20 },
  });
  const stack = opening.move();
  /** Ends the server and returns everything that was told of it. */
  const told = async () => {
    const metrics = await observer.metrics.text();
    await server.close();
    await observer.close();
    return { metrics, log: await readFile(join(folder, "log"), "utf8"), traces: traces.join("\n"), warnings };
  };
  return { server, told, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

const headers = {
  Authorization: `Bearer ${secret}`,
  Cookie: `session=${secret}`,
  "X-Request-Id": `${secret} with a space`,
  "Idempotency-Key": secret,
  "User-Agent": secret,
  Referer: `http://127.0.0.1/${secret}`,
  traceparent: `00-${secret}-01`,
  tracestate: `vendor=${secret}`,
  baggage: `user=${secret}`,
};

const body = {
  content: secret,
  query: secret,
  id: secret,
  name: secret,
  tags: [secret],
  space: secret,
  session_id: secret,
  original_id: secret,
  corrected_content: secret,
  messages: [{ role: secret, content: secret }],
  memories: [{ content: secret }],
  texts: [secret],
  input: secret,
  [secret]: secret,
};

test.each([
  ["answers and refusals", false],
  ["failures inside", true],
] as const)("OPS-4 no secret is in logs, metrics or traces: %s", async (_, breaks) => {
  await using given = await setup(breaks);
  const { server } = given;
  for (const { method, path } of bindings) {
    const address = `${path.replaceAll(/\{\w+\}/gu, secret)}?q=${secret}&query=${secret}&tags=${secret}&${secret}=1`;
    await server.send(method, address, method === "GET" ? undefined : body, headers);
    await server.send(method, address, method === "GET" ? undefined : { ...body, space: "default" }, {});
    await server.send(method, address, method === "GET" ? undefined : `{"content":"${secret}`, headers);
  }
  await server.send("GET", `/${secret}/${secret}`, undefined, headers);
  await server.send("DELETE", `/docs?${secret}`, undefined, headers);
  await server.send("GET", "/docs", undefined, { Origin: `https://${secret}.example` });
  await server.send("POST", "/v1/remember", secret, { "Content-Type": `text/${secret}` });
  const { port } = server;
  for (const raw of [
    `${secret} /${secret} HTTP/1.1\r\n\r\n`,
    `GET /${secret} HTTP/1.1\r\nHost: ${secret}.example\r\nConnection: close\r\n\r\n`,
    `GET http://${secret}:x/ HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n`,
    `BREW /${secret} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
    `POST /v1/remember HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"content":"${secret}`,
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-${secret}: ${secret}`,
  ])
    await sendRaw(port, raw, 600);
  const leaver = connect(port, "127.0.0.1");
  leaver.on("error", () => undefined);
  leaver.write(
    `POST /v1/remember HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 9\r\nX-Note: ${secret}\r\n\r\n{`,
  );
  await once(leaver, "connect");
  leaver.destroy();

  const { metrics, log, traces, warnings } = await given.told();
  const lines = log.split("\n").filter(Boolean);
  // There is something to look through.
  expect(lines.length).toBeGreaterThan(bindings.length);
  expect(metrics).toContain('cairn_http_request_duration_seconds_count{route="/v1/remember"');
  expect(traces).toContain("operation memories.remember");
  if (breaks) expect(log).toMatch(/"code":"internal".*"cause":"TypeError at Object\.fail /u);
  for (const told of [metrics, log, traces, warnings.join("\n")]) expect(told).not.toContain(secret);
});

test("OPS-4 the place of an error is told, whatever its message looks like", () => {
  const error = new TypeError(`x\n    at ${secret} (file:///a.ts:1:1)`);
  expect(describeCause(error)).toMatch(/^TypeError at .*secrets\.test\.ts.*:\d+:\d+$/u);
  error.name = secret.repeat(100);
  expect(describeCause(error)).not.toContain(secret);
});
