/** A private Cairn server for a benchmark: started as a user starts it, on a free port and an empty folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface BenchServer {
  readonly post: <Answer>(path: string, body: unknown) => Promise<Answer>;
  /** Resident memory of the server process in MB; NaN where the system does not tell. */
  readonly residentMb: () => number;
  /** Stops it and starts it again on the same data; milliseconds from start to the first answered recall. */
  readonly restart: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });

const root = join(import.meta.dirname, "../..");

export const startServer = async (): Promise<BenchServer> => {
  const data = mkdtempSync(join(tmpdir(), "cairn-bench-"));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  let child: ChildProcess;

  const post = async <Answer>(path: string, body: unknown): Promise<Answer> => {
    const answer = await fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
    return (await answer.json()) as Answer;
  };
  const start = async (): Promise<number> => {
    const started = performance.now();
    child = spawn(process.execPath, [join(root, "bin/launch.js"), "serve"], {
      cwd: root,
      env: { ...process.env, CAIRN_DATA: data, CAIRN_PORT: String(port), CAIRN_INSTANCE: "bench" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    for (;;) {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
      try {
        await post("/v1/recall", { query: "are you there" });
        return performance.now() - started;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  };
  const end = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  await start();
  return {
    post,
    residentMb: () => {
      try {
        return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
      } catch {
        return Number.NaN;
      }
    },
    restart: async () => {
      await end();
      return start();
    },
    stop: async () => {
      await end();
      rmSync(data, { recursive: true, force: true });
    },
  };
};
