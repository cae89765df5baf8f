/** `cairn serve` in a process of its own on a database, as an operator starts it; to be killed as a machine dies. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const entry = join(import.meta.dirname, "..", "..", "..", "packages", "cli", "src", "main.ts");

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** Status and body of a POST; status 0 when no answer came. */
  readonly post: (path: string, body: unknown) => Promise<{ readonly status: number; readonly body: unknown }>;
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: unknown }>;
  /** At once, in the middle of whatever it does. */
  readonly kill9: () => Promise<void>;
  /** As an orchestrator does; the exit status. */
  readonly terminate: () => Promise<number | null>;
}

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

const exchange = async (url: string, init?: RequestInit) => {
  try {
    const answer = await fetch(url, init);
    return { status: answer.status, body: asJson(await answer.text()) };
  } catch {
    return { status: 0, body: null };
  }
};

/** Resolves when it listens; the server's own data folder is empty and goes with it. */
export const startServerProcess = async (
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> => {
  const data = mkdtempSync(join(tmpdir(), "cairn-server-"));
  const child: ChildProcess = spawn(process.execPath, [entry, "serve", "--port", "0"], {
    env: { ...process.env, CAIRN_DATA: data, CAIRN_DATABASE_URL: databaseUrl, CAIRN_INSTANCE: "test", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await ended;
    }
    return child.exitCode;
  };
  let said = "";
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /http:\/\/127\.0\.0\.1:\d+/u.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => void (said += text));
    child.once("exit", () => reject(new Error(`The server ended before it listened: ${said}`)));
  });
  try {
    const url = await listening;
    return {
      url,
      post: (path, body) =>
        exchange(url + path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      get: (path) => exchange(url + path),
      kill9: async () => void (await end("SIGKILL")),
      terminate: () => end("SIGTERM"),
      [Symbol.asyncDispose]: async () => {
        await end("SIGKILL");
        rmSync(data, { recursive: true, force: true, maxRetries: 3 });
      },
    };
  } catch (error) {
    await end("SIGKILL");
    rmSync(data, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
};
