import { setUpOperations } from "@cairn/testing/setup-operations";
import { expect, test } from "vitest";
import { flatFigures } from "../observe/figures.ts";
import { openObserver } from "../observe/observer.ts";
import { serving } from "../test-support.ts";

const setup = async () => {
  const observer = await openObserver({
    settings: { logFormat: "text", logLevel: "info", logRequests: false, tracing: null },
    servesOthers: false,
    instance: "test-instance",
    version: "9.9.9",
    warn: () => undefined,
  });
  const { pipeline, services } = setUpOperations({ poolFigures: () => ({ hits: 7, epoch_lag: 0 }) });
  observer.services(services);
  const { metrics, requests } = observer;
  const server = await serving(pipeline, { metrics, requests });
  const lines = async () => (await server.send("GET", "/metrics")).text.trimEnd().split("\n");
  return { server, metrics, lines, [Symbol.asyncDispose]: server.close };
};

test("ENG-6 EMB-4 OPS-4 /metrics tells figures of the pool and of embedding in the format of Prometheus", async () => {
  await using given = await setup();
  const { status, type, text } = await given.server.send("GET", "/metrics");
  expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  const lines = text.trimEnd().split("\n");
  expect(lines).toContain("cairn_vector_pool_hits 7");
  expect(lines).toContain("cairn_vector_pool_epoch_lag 0");
  expect(lines).toContain("cairn_embedding_fallback 0");
  for (const line of lines.filter((line) => line !== "" && !line.startsWith("# ")))
    expect(line).toMatch(/^[a-z][a-z0-9_]*(?:\{[^{}]*\})? (?:-?[\d.e+-]+|\+Inf|NaN)$/u);
});

test("OPS-4 the names that dashboards know from before are still there", async () => {
  await using given = await setup();
  const lines = await given.lines();
  for (const name of ["cairn_process_resident_bytes", "cairn_process_heap_bytes", "cairn_process_uptime_seconds"])
    expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
});

test("OPS-4 requests are counted by route pattern, method and class of status, never by path", async () => {
  await using given = await setup();
  await given.server.send("GET", "/v1/memories/0190aaaa-secret-id");
  await given.server.send("GET", "/nothing/secret-path");
  const counts = async () => (await given.lines()).filter((line) => line.includes("request_duration_seconds_count{"));
  await expect
    .poll(counts)
    .toEqual(
      expect.arrayContaining([
        'cairn_http_request_duration_seconds_count{route="/v1/memories/{id}",method="GET",status="4xx"} 1',
        'cairn_http_request_duration_seconds_count{route="none",method="GET",status="4xx"} 1',
      ]),
    );
  expect((await given.lines()).join("\n")).not.toContain("secret");
});

test("ENG-6 leaves out what is no number", () => {
  expect(
    flatFigures("a", { bC: 1, text: "secret", none: null, not: Number.NaN, list: [1], deep: { on: true } }),
  ).toEqual([
    ["a_b_c", 1],
    ["a_deep_on", 1],
  ]);
});
