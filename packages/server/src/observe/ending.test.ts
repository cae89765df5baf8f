/** A server's end as a balancer and its clients see it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { serving, stubPipeline } from "../test-support.ts";
import { drain, onEndingSignal } from "./ending.ts";
import { makeReadiness } from "./readiness.ts";

const health = { status: "ok", instanceId: "i", memoryCount: 0, version: "1" };

describe("signals", () => {
  const setup = () => {
    const told: unknown[] = [];
    let time = 0;
    const onSignal = onEndingSignal({
      stop: () => told.push("stop"),
      abort: (status) => told.push(status),
      now: () => time,
    });
    return { told, onSignal, at: (milliseconds: number) => (time = milliseconds) };
  };

  test("OPS-5 the first ends well, the second at once", () => {
    const { told, onSignal, at } = setup();
    onSignal("SIGTERM");
    at(501);
    onSignal("SIGTERM");
    expect(told).toEqual(["stop", 143]);
  });

  test("OPS-5 Ctrl-C after SIGTERM means now", () => {
    const { told, onSignal } = setup();
    onSignal("SIGTERM");
    onSignal("SIGINT");
    expect(told).toEqual(["stop", 130]);
  });

  test("the same Ctrl-C, passed on by a launcher, is one", () => {
    const { told, onSignal, at } = setup();
    onSignal("SIGINT");
    at(500);
    onSignal("SIGINT");
    expect(told).toEqual(["stop"]);
  });
});

/** A server that can be drained; `wait` says when its delay is over. */
const backend = async (answer: () => unknown) => {
  const readiness = makeReadiness({ checks: {}, keepMs: 0 });
  const server = await serving(stubPipeline(answer), { readiness });
  readiness.started();
  const end = (wait: () => Promise<unknown>): Promise<void> =>
    drain({ readiness, server, settings: { delayMs: 1 }, wait });
  return { ...server, end };
};

describe("draining", () => {
  test("OPS-5 while it drains it is not ready, answers all the same, and ends each connection with its answer", async () => {
    await using server = await backend(() => health);
    expect((await server.send("GET", "/v1/health")).headers.get("connection")).toBe("keep-alive");
    const { promise, resolve } = Promise.withResolvers<void>();
    const ended = server.end(() => promise);
    expect((await server.send("GET", "/readyz")).json).toMatchObject({ code: "server.shutting_down" });
    const answer = await server.send("GET", "/v1/health");
    expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
    resolve();
    await ended;
    await expect(server.send("GET", "/healthz")).rejects.toThrow();
  });

  test("OPS-5 a call that was under way when the drain began is answered, and its connection then ends", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    await using server = await backend(async () => {
      begin();
      await gate;
      return health;
    });
    const answer = server.send("GET", "/v1/health");
    await begun;
    const ended = server.end(async () => undefined);
    open();
    expect([(await answer).status, (await answer).headers.get("connection")]).toEqual([200, "close"]);
    await ended;
  });

  test("OPS-5 a connection on which nothing was ever asked does not hold up the end", async () => {
    await using server = await serving(
      stubPipeline(() => health),
      { patienceMs: 60_000 },
    );
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    await server.send("GET", "/healthz");
    const closed = once(socket, "close");
    socket.resume();
    await server.close();
    expect(await closed).toEqual([false]);
  });

  test("OPS-5 what takes longer than the server has patience is cut off", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const slow = stubPipeline(async () => {
      begin();
      await gate;
      return health;
    });
    await using server = await serving(slow, { patienceMs: 50 });
    const answer = server.send("GET", "/v1/health").catch(() => "cut off");
    await begun;
    await server.close();
    expect(await answer).toBe("cut off");
    open();
  });
});

/** A balancer with connections that it keeps: it asks `/readyz` of each server and sends calls to the ready ones. */
const makeBalancer = async () => {
  interface Target {
    readonly port: number;
    ready: boolean;
    looks: number;
  }
  const targets = new Set<Target>();
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const over = new AbortController();

  const look = (target: Target): Promise<void> =>
    new Promise((resolve) => {
      const probe = request({ port: target.port, host: "127.0.0.1", path: "/readyz", agent: false }, (answer) => {
        answer.resume().once("end", () => {
          target.ready = answer.statusCode === 200;
          target.looks += 1;
          resolve();
        });
      });
      probe.on("error", () => {
        target.ready = false;
        target.looks += 1;
        resolve();
      });
      probe.end();
    });

  const server = createServer((incoming, outgoing) => {
    const ready = [...targets].filter((target) => target.ready);
    const target = ready[(turn += 1) % ready.length];
    if (target === undefined) {
      outgoing.writeHead(503).end();
      return;
    }
    const { method, url: path } = incoming;
    const headers = { ...incoming.headers, host: `127.0.0.1:${target.port}` };
    const call = request({ port: target.port, host: "127.0.0.1", method, path, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    // No second attempt anywhere: a call that a server loses is seen.
    call.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(call);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const looking = (async () => {
    while (!over.signal.aborted) {
      await Promise.all(Array.from(targets, look));
      await nextTurn();
    }
  })();

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: async (port: number): Promise<Target> => {
      const target = { port, ready: false, looks: 0 };
      await look(target);
      targets.add(target);
      return target;
    },
    /** Resolves when the balancer sends no more calls there, and has looked once more since. */
    left: async (target: Target): Promise<void> => {
      while (target.ready) await nextTurn();
      const { looks } = target;
      while (target.looks < looks + 2) await nextTurn();
      targets.delete(target);
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      over.abort();
      await looking;
      agent.destroy();
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
};

test("OPS-5 servers are restarted in turn behind a balancer under load, and not one call is lost", async () => {
  await using balancer = await makeBalancer();
  let answered = 0;
  const answer = async () => {
    for (let turns = answered % 7; turns > 0; turns -= 1) await nextTurn();
    answered += 1;
    return health;
  };
  const start = async () => {
    const server = await backend(answer);
    return { server, target: await balancer.add(server.port) };
  };
  const servers = [await start(), await start(), await start()];
  const statuses = new Map<number, number>();
  const over = new AbortController();
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await fetch(`${balancer.url}/v1/health`);
      await answer.arrayBuffer();
      const { status } = answer;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const clients = Array.from({ length: 8 }, client);
  for (let restart = 0; restart < 9; restart += 1) {
    const old = servers.shift();
    if (old === undefined) break;
    servers.push(await start());
    const before = answered;
    await old.server.end(() => balancer.left(old.target));
    await expect.poll(() => answered).toBeGreaterThan(before + 20);
  }
  over.abort();
  await Promise.all(clients);
  for (const { server } of servers) await server.close();
  expect([...statuses.keys()]).toEqual([200]);
  expect(statuses.get(200)).toBeGreaterThan(9 * 20);
});

describe("the process", () => {
  const start = async () => {
    const data = await mkdtemp(join(tmpdir(), "cairn-ending-"));
    await writeFile(join(data, "config.yaml"), "shutdown_delay_ms: 60000\nlog_format: json\nlog_requests: true\n");
    const program = [
      `import { serve } from ${JSON.stringify(new URL("../serve.ts", import.meta.url).href)};`,
      `const { url } = await serve({ flags: { data: ${JSON.stringify(data)}, port: 0 }, out: () => undefined, warn: () => undefined });`,
      `console.log(url);`,
    ].join("\n");
    await writeFile(join(data, "program.mjs"), program);
    const child = spawn(process.execPath, [join(data, "program.mjs")], { stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const dispose = async (): Promise<void> => {
      if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
      await rm(data, { recursive: true });
    };
    return { child, url: line.toString().trim(), log: () => log, [Symbol.asyncDispose]: dispose };
  };

  test("OPS-5 OPS-4 SIGTERM makes it unready at once while it goes on answering; a second signal ends it at once", async () => {
    await using given = await start();
    const ready = async (): Promise<number> => (await fetch(`${given.url}/readyz`)).status;
    expect(await ready()).toBe(200);
    given.child.kill("SIGTERM");
    await expect.poll(ready).toBe(503);
    expect((await fetch(`${given.url}/v1/health`)).status).toBe(200);
    await expect.poll(given.log).toMatch(/"route":"\/v1\/health","status":200/u);
    given.child.kill("SIGINT");
    expect(await once(given.child, "exit")).toEqual([130, null]);
  });
});
