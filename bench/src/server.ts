/** A private Cairn server for a benchmark: started as a user starts it, on a free port and an empty folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "./children.ts";

export interface ServerOptions {
  /** Settings of the server, such as CAIRN_EMBEDDER, over those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Root of the checkout whose server is measured; by default this one. Another version is compared that way. */
  readonly checkout?: string;
}

export interface BenchServer {
  readonly url: string;
  readonly post: <Answer>(path: string, body: unknown) => Promise<Answer>;
  /** Resident memory of the server process in MB; NaN where the system does not tell. */
  readonly residentMb: () => number;
  readonly processId: () => number | undefined;
  /** Size of everything in its data folder in MB. */
  readonly diskMb: () => number;
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

const ownRoot = join(import.meta.dirname, "../..");

/** A server that is not ready by then will not be: a model that must be fetched first takes the longest. */
const startWithinMs = 180_000;

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

const sizeOf = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).reduce((sum, entry) => {
    try {
      return sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0);
    } catch {
      return sum;
    }
  }, 0);

export const startServer = async ({ env = {}, checkout }: ServerOptions = {}): Promise<BenchServer> => {
  const root = checkout ?? ownRoot;
  const data = mkdtempSync(join(tmpdir(), "cairn-bench-"));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

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
    const begun = endsWithUs(
      spawn(process.execPath, [join(root, "bin/launch.js"), "serve"], {
        cwd: root,
        env: { ...process.env, ...env, CAIRN_DATA: data, CAIRN_PORT: String(port), CAIRN_INSTANCE: "bench" },
        stdio: ["ignore", "ignore", "inherit"],
      }),
    );
    child = begun;
    for (;;) {
      if (hasEnded(begun)) throw new Error(`The server ended with ${begun.exitCode ?? begun.signalCode}.`);
      try {
        await post("/v1/recall", { query: "are you there" });
        return performance.now() - started;
      } catch (error) {
        if (performance.now() - started > startWithinMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  };
  const end = async (signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  try {
    await start();
  } catch (error) {
    await end("SIGKILL");
    rmSync(data, { recursive: true, force: true });
    throw error;
  }
  return {
    url: base,
    post,
    residentMb: () => {
      try {
        return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child?.pid}/status`, "utf8"))?.[1]) / 1024;
      } catch {
        return Number.NaN;
      }
    },
    processId: () => child?.pid,
    diskMb: () => sizeOf(data) / 1024 / 1024,
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
