import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { serving, stubPipeline } from "../test-support.ts";
import { openDoor } from "./door.ts";

const healthy = stubPipeline(() => ({ status: "ok", instanceId: "i", memoryCount: 0, version: "1" }));

describe("opening the port", () => {
  test.each(["0.0.0.0", "::", "192.168.1.10", "example.org", "", "127.0.0.1.example.org"])(
    "API-3: %j is refused while there are no keys",
    async (host) => {
      await expect(serving(healthy, { host })).rejects.toMatchObject({
        code: "server.address_refused",
        data: { hint: expect.stringContaining("127.0.0.1") },
      });
    },
  );

  test.each(["127.0.0.1", "localhost"])("%s is a loopback address", async (host) => {
    await using server = await serving(healthy, { host });
    expect(server.port).toBeGreaterThan(0);
  });

  test("OPS-1: a busy port is named, with how to find who holds it and another one to take", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as { port: number };
    const failure = serving(healthy, { port });
    await expect(failure).rejects.toMatchObject({
      code: "server.port_in_use",
      message: expect.stringContaining(String(port)),
    });
    await expect(failure).rejects.toMatchObject({ data: { hint: expect.stringMatching(/--port \d+/u) } });
    holder.close();
  });
});

describe("a port that is open before the server is", () => {
  test("OPS-4 it lives, is not ready and answers nothing else; then the server answers on it", async () => {
    const door = await openDoor({ host: "127.0.0.1", port: 0, failed: () => undefined });
    const get = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${door.port}${path}`);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    expect(await get("/healthz")).toEqual({ status: 200, body: { status: "ok" } });
    for (const path of ["/readyz", "/v1/health", "/metrics"])
      expect(await get(path)).toMatchObject({ status: 503, body: { code: "server.not_ready", not_ready: ["start"] } });
    await using server = await serving(healthy, { door });
    expect(server.port).toBe(door.port);
    expect((await server.send("GET", "/v1/health")).status).toBe(200);
    expect((await server.send("GET", "/readyz")).status).toBe(200);
  });
});

describe("closing it", () => {
  test("calls that are under way are answered, idle connections do not hold it up", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const pipeline = stubPipeline(async () => {
      begin();
      await gate;
      return { status: "ok", instanceId: "i", memoryCount: 0, version: "1" };
    });
    await using server = await serving(pipeline);
    await server.send("GET", "/healthz");
    const answer = server.send("GET", "/v1/health");
    await begun;
    const closing = server.close();
    await expect(server.send("GET", "/healthz")).rejects.toThrow();
    open();
    expect((await answer).status).toBe(200);
    const started = performance.now();
    await closing;
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test("closing twice is harmless", async () => {
    await using server = await serving(healthy);
    await Promise.all([server.close(), server.close()]);
    await expect(server.send("GET", "/healthz")).rejects.toThrow();
  });

  test("API-1: POST /v1/shutdown is answered, then the server is told to end", async () => {
    await using server = await serving(healthy);
    expect(await server.send("POST", "/v1/shutdown")).toMatchObject({ status: 200, json: { status: "shutting_down" } });
    await expect.poll(server.shutdowns).toBe(1);
  });

  test("a page of another site cannot end the server", async () => {
    await using server = await serving(healthy);
    expect((await server.send("POST", "/v1/shutdown", undefined, { Origin: "https://evil.example" })).status).toBe(403);
    expect((await server.send("GET", "/v1/shutdown")).status).toBe(405);
    expect(server.shutdowns()).toBe(0);
  });
});
