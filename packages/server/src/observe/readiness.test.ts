import { CairnError } from "@cairn/kernel/error";
import { describe, expect, test } from "vitest";
import { sendRaw, serving, stubPipeline } from "../test-support.ts";
import { makeReadiness, type ReadinessCheck } from "./readiness.ts";

const away: ReadinessCheck = async () => {
  throw new CairnError("storage.unavailable", "postgres://user:secret@host is away.");
};

const started = (checks: Readonly<Record<string, ReadinessCheck>>, options: { now?: () => number } = {}) => {
  const readiness = makeReadiness({ checks, ...options });
  readiness.started();
  return readiness;
};

describe("whether a server is ready", () => {
  test("OPS-4 it is not before it has started, and not from the moment on in which it drains", async () => {
    const readiness = makeReadiness({ checks: { storage: async () => undefined } });
    expect(await readiness.report()).toMatchObject({ ready: false, code: "server.not_ready", notReady: ["start"] });
    readiness.started();
    expect(await readiness.report()).toEqual({ ready: true, code: null, notReady: [], checks: { storage: "ok" } });
    readiness.drain();
    expect(await readiness.report()).toMatchObject({ ready: false, code: "server.shutting_down" });
    readiness.started();
    expect((await readiness.report()).ready).toBe(false);
  });

  test("OPS-4 it names what is away by its code, and nothing of the error", async () => {
    const report = await started({ storage: away, embedder: async () => undefined }).report();
    expect(report).toEqual({
      ready: false,
      code: "server.not_ready",
      notReady: ["storage"],
      checks: { storage: "storage.unavailable", embedder: "ok" },
    });
  });

  test("a check that throws at once, or something that is no coded error, is not ready either", async () => {
    const thrown = started({
      storage: () => {
        throw new TypeError("secret");
      },
    });
    expect((await thrown.report()).checks).toEqual({ storage: "internal" });
  });

  test("OPS-4 probes that come together share one look, and it serves for a second", async () => {
    let [looks, time] = [0, 0];
    const check = async () => void (looks += 1);
    const readiness = started({ storage: check }, { now: () => time });
    await Promise.all(Array.from({ length: 50 }, readiness.report));
    time = 999;
    await readiness.report();
    expect(looks).toBe(1);
    time = 1_000;
    await readiness.report();
    expect(looks).toBe(2);
  });

  test("OPS-4 a dependency that hangs is answered for in time, and looked at once", async () => {
    let [looks, time] = [0, 0];
    const { promise, resolve } = Promise.withResolvers<void>();
    const hang = () => ((looks += 1), promise);
    const readiness = makeReadiness({ checks: { storage: hang }, patienceMs: 5, now: () => time });
    readiness.started();
    for (time = 0; time < 10_000; time += 2_000)
      expect((await readiness.report()).checks).toEqual({ storage: "request.timeout" });
    expect(looks).toBe(1);
    resolve();
    await promise;
    time = 20_000;
    await expect.poll(async () => ((time += 2_000), (await readiness.report()).ready)).toBe(true);
  });

  test("OPS-5 who asked before the drain began is told of it too", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const readiness = started({ storage: () => promise });
    const asked = readiness.report();
    readiness.drain();
    resolve();
    expect((await asked).code).toBe("server.shutting_down");
  });
});

describe("the probes", () => {
  const pipeline = stubPipeline(() => ({}));

  test("OPS-4 /healthz answers 200 whatever is away; /readyz answers 503 with a code and the names", async () => {
    await using server = await serving(pipeline, { readiness: started({ storage: away }) });
    expect(await server.send("GET", "/healthz")).toMatchObject({ status: 200, json: { status: "ok" } });
    const answer = await server.send("GET", "/readyz");
    expect(answer).toMatchObject({
      status: 503,
      type: "application/problem+json",
      json: { code: "server.not_ready", not_ready: ["storage"], checks: { storage: "storage.unavailable" } },
    });
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.text).not.toMatch(/secret|postgres/u);
  });

  test("OPS-4 they are answered under an address, as probes call them; nothing else is", async () => {
    await using server = await serving(pipeline);
    const get = async (path: string): Promise<number> =>
      (await sendRaw(server.port, `GET ${path} HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nConnection: close\r\n\r\n`)).status;
    expect([await get("/healthz"), await get("/readyz"), await get("/readyz?x=1")]).toEqual([200, 200, 200]);
    expect([await get("/"), await get("/v1/health"), await get("/metrics"), await get("/healthz/")]).toEqual([
      403, 403, 403, 403,
    ]);
  });

  test("a page of another site does not read them", async () => {
    await using server = await serving(pipeline);
    expect((await server.send("GET", "/readyz", undefined, { Origin: "https://evil.example" })).status).toBe(403);
  });
});
