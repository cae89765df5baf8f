/** Spans as a recording provider sees them, registered on the API as the SDK would be. */
import { context, type Context, type Span, type SpanOptions, trace, type TracerProvider } from "@opentelemetry/api";
import { CairnError } from "@cairn/kernel/error";
import { makePipeline } from "@cairn/operations/pipeline";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { serving } from "../test-support.ts";
import type { FinishedSpan } from "./otlp.ts";
import { makeContextManager, makeTracerProvider } from "./span-recorder.ts";
import { startTracing } from "./tracing.ts";

const traced = (options: { readonly ratio?: number; readonly breaks?: boolean } = {}) => {
  const { ratio = 1, breaks = false } = options;
  const spans: FinishedSpan[] = [];
  trace.setGlobalTracerProvider(makeTracerProvider({ ratio, ended: (span) => spans.push(span) }));
  context.setGlobalContextManager(makeContextManager());
  const tracing = startTracing({
    endpoint: "http://127.0.0.1:9",
    headers: {},
    ratio: 1,
    instance: "i",
    version: "1",
    serviceName: "cairn",
    warn: () => undefined,
  });
  const { services } = setUpOperations();
  const engine = breaks
    ? {
        ...services.engine,
        read: () => {
          throw new CairnError("storage.busy", "secret");
        },
      }
    : services.engine;
  const pipeline = tracing.pipeline(
    makePipeline(tracing.services({ ...services, engine }), { observe: tracing.operation }),
  );
  return {
    spans,
    tracing,
    server: () => serving(pipeline, { requests: tracing.request }),
    [Symbol.asyncDispose]: async () => {
      await tracing.close(100);
      trace.disable();
      context.disable();
    },
  };
};

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = (flags: string): Readonly<Record<string, string>> => ({
  traceparent: `00-${traceId}-00f067aa0ba902b7-${flags}`,
});
const ended = async (spans: readonly FinishedSpan[], name: string): Promise<FinishedSpan> => {
  await expect.poll(() => spans.map((span) => span.name)).toContain(name);
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`There is no span ${name}.`);
  return found;
};

// One test after another: the API has one provider for the whole process.
describe("a traced server", () => {
  test("OPS-4 a recall is one trace: the request, the operation, its embedding and what it asks of the engine", async () => {
    await using given = traced();
    await using server = await given.server();
    await server.send("POST", "/v1/recall", { query: "secret question" }, parent("01"));
    const request = await ended(given.spans, "POST /v1/recall");
    const operation = await ended(given.spans, "operation recall.recall");
    const embedding = await ended(given.spans, "embed query");
    const engine = await ended(given.spans, "engine recall");
    expect(given.spans.every((span) => span.traceId === traceId)).toBe(true);
    expect(request).toMatchObject({
      parentSpanId: "00f067aa0ba902b7",
      kind: 1,
      attributes: { "http.request.method": "POST", "http.route": "/v1/recall", "http.response.status_code": 200 },
    });
    expect(operation).toMatchObject({
      parentSpanId: request.spanId,
      attributes: { "cairn.operation": "recall.recall", "cairn.outcome": "ok", "cairn.spaces": 1 },
    });
    expect([embedding.parentSpanId, engine.parentSpanId]).toEqual([operation.spanId, operation.spanId]);
    for (const span of given.spans) expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(JSON.stringify(given.spans)).not.toContain("secret");
  });

  test("OPS-4 a request without traceparent begins a trace, and every request its own", async () => {
    await using given = traced();
    await using server = await given.server();
    await Promise.all([server.send("GET", "/v1/stats"), server.send("GET", "/v1/stats")]);
    await expect.poll(() => given.spans.filter(({ name }) => name === "GET /v1/stats").length).toBe(2);
    const roots = given.spans.filter(({ parentSpanId }) => parentSpanId === null);
    expect(new Set(roots.map((span) => span.traceId)).size).toBe(2);
    expect(new Set(given.spans.map((span) => span.traceId)).size).toBe(2);
  });

  test("OPS-4 what failed says so by its code, and nothing of the error's text", async () => {
    await using given = traced({ breaks: true });
    await using server = await given.server();
    expect((await server.send("GET", "/v1/memories/secret-id")).status).toBe(503);
    const request = await ended(given.spans, "GET /v1/memories/{id}");
    const operation = given.spans.find(({ name }) => name.startsWith("operation "));
    expect(operation).toMatchObject({ status: 2, attributes: { "cairn.code": "storage.busy" } });
    expect(request).toMatchObject({ status: 2, attributes: { "http.response.status_code": 503 } });
    expect(JSON.stringify(given.spans)).not.toContain("secret");
  });

  test("OPS-4 a trace that its beginner does not keep is not kept here; one that begins here goes by the ratio", async () => {
    await using given = traced({ ratio: 0 });
    await using server = await given.server();
    await server.send("GET", "/v1/stats", undefined, parent("00"));
    await server.send("GET", "/v1/stats");
    await server.send("GET", "/readyz", undefined, parent("01"));
    await ended(given.spans, "GET /readyz");
    expect(given.spans.map(({ name }) => name)).toEqual(["GET /readyz"]);
  });

  test("OPS-4 an SDK that was registered before is used instead of our own recorder", async () => {
    const names: string[] = [];
    const provider: TracerProvider = {
      getTracer: () => ({
        startSpan: (name: string, options?: SpanOptions, given?: Context): Span => {
          names.push(name);
          return makeTracerProvider({ ratio: 1, ended: () => undefined })
            .getTracer("x")
            .startSpan(name, options, given);
        },
        startActiveSpan: () => {
          throw new Error("not asked for");
        },
      }),
    };
    trace.setGlobalTracerProvider(provider);
    await using given = traced();
    await using server = await given.server();
    await server.send("GET", "/v1/stats");
    await expect.poll(() => names).toEqual(expect.arrayContaining(["GET", expect.stringMatching(/^operation /u)]));
    expect(given.tracing.figures()).toEqual({ exported: 0, dropped: 0, waiting: 0 });
  });
});
