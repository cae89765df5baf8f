/** Spans sent to a collector on this machine that answers as the test wants. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { type FinishedSpan, makeOtlpExporter, type OtlpOptions } from "./otlp.ts";

interface Batch {
  readonly path: string | undefined;
  readonly key: unknown;
  readonly spans: readonly Readonly<Record<string, unknown>>[];
  readonly resource: unknown;
}

const collector = async (options: Partial<OtlpOptions> & { readonly answer?: () => Promise<number> } = {}) => {
  const { answer = async () => 200, ...more } = options;
  const batches: Batch[] = [];
  const warnings: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const [{ resource, scopeSpans }] = JSON.parse(body).resourceSpans;
      batches.push({ path: request.url, key: request.headers["x-key"], spans: scopeSpans[0].spans, resource });
      response.statusCode = await answer();
      response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const exporter = makeOtlpExporter({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    headers: { "x-key": "k" },
    resource: { "service.name": "cairn" },
    version: "1",
    warn: (line) => warnings.push(line),
    ...more,
  });
  const close = async (): Promise<void> => {
    await exporter.close(1_000);
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { exporter, batches, warnings, [Symbol.asyncDispose]: close };
};

const span = (name: string): FinishedSpan => ({
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  parentSpanId: null,
  name,
  kind: 1,
  start: 1_700_000_000_000.25,
  end: 1_700_000_000_001.5,
  attributes: { "http.route": "/v1/recall", "cairn.spaces": 2, share: 0.5, fine: true },
  status: 0,
});

test("OPS-4 spans arrive as OTLP over HTTP says, with the headers of the settings", async () => {
  await using given = await collector();
  given.exporter.add(span("POST /v1/recall"));
  await given.exporter.close(1_000);
  expect(given.batches).toEqual([
    {
      path: "/v1/traces",
      key: "k",
      resource: { attributes: [{ key: "service.name", value: { stringValue: "cairn" } }] },
      spans: [
        {
          traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
          spanId: "00f067aa0ba902b7",
          name: "POST /v1/recall",
          kind: 2,
          startTimeUnixNano: "1700000000000250000",
          endTimeUnixNano: "1700000000001500000",
          status: { code: 0 },
          attributes: [
            { key: "http.route", value: { stringValue: "/v1/recall" } },
            { key: "cairn.spaces", value: { intValue: "2" } },
            { key: "share", value: { doubleValue: 0.5 } },
            { key: "fine", value: { boolValue: true } },
          ],
        },
      ],
    },
  ]);
  expect(given.exporter.figures()).toEqual({ exported: 1, dropped: 0, waiting: 0 });
});

test("OPS-4 they go in batches, and those that wait are sent at the end", async () => {
  await using given = await collector({ batch: 10 });
  for (let index = 0; index < 25; index += 1) given.exporter.add(span(`${index}`));
  await given.exporter.close(1_000);
  expect(given.batches.map(({ spans }) => spans.length)).toEqual([10, 10, 5]);
});

test("OPS-4 they go by themselves after a while", async () => {
  await using given = await collector({ everyMs: 5 });
  given.exporter.add(span("one"));
  await expect.poll(() => given.batches.length).toBe(1);
});

test("OPS-4 what finds no room is given up and counted, not kept", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  await using given = await collector({ batch: 10, queue: 20, answer: () => promise });
  for (let index = 0; index < 100; index += 1) given.exporter.add(span(`${index}`));
  // Ten are on their way, twenty wait.
  expect(given.exporter.figures()).toEqual({ exported: 0, dropped: 70, waiting: 20 });
  resolve(200);
  await given.exporter.close(1_000);
  expect(given.exporter.figures()).toEqual({ exported: 30, dropped: 70, waiting: 0 });
});

test("OPS-4 a collector that refuses is told of once, without what was sent, and works again when it does", async () => {
  let status = 500;
  await using given = await collector({ batch: 1, answer: async () => status });
  for (const name of ["secret", "secret"]) {
    given.exporter.add(span(name));
    await expect.poll(() => given.exporter.figures().waiting).toBe(0);
  }
  await expect.poll(() => given.exporter.figures().dropped).toBe(2);
  expect(given.warnings).toHaveLength(1);
  expect(given.warnings.join()).not.toContain("secret");
  status = 200;
  given.exporter.add(span("fine"));
  await expect.poll(() => given.exporter.figures().exported).toBe(1);
});

test("OPS-5 a collector that hangs does not keep the server from ending", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  await using given = await collector({ batch: 1, answer: () => promise });
  given.exporter.add(span("one"));
  given.exporter.add(span("two"));
  await given.exporter.close(20);
  expect(given.exporter.figures().exported).toBe(0);
  given.exporter.add(span("late"));
  expect(given.exporter.figures().dropped).toBeGreaterThanOrEqual(1);
  resolve(200);
});
