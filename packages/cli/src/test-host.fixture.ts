/** What the tests of this package share: a home and a data folder of their own, and `cairn` in this process or in one of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Host, Sink } from "./host.ts";
import { runCli } from "./run-cli.ts";

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests say what they expect of an answer.
  readonly json: any;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  /** Answers to questions; being asked at all means a terminal. */
  readonly answers?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly signal?: AbortSignal;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const mainFile = fileURLToPath(new URL("./main.ts", import.meta.url));

export const setUpCli = async () => {
  const root = await mkdtemp(join(tmpdir(), "cairn-cli-"));
  const [home, cwd, data] = [join(root, "home"), join(root, "work"), join(root, "data")];
  await Promise.all([mkdir(home), mkdir(cwd)]);
  const environment = {
    CAIRN_DATA: data,
    CAIRN_INSTANCE: "test-instance",
    HOME: home,
    USERPROFILE: home,
    CAIRN_PORT: "0",
  };

  /** In this process: quick. */
  const run = async (words: readonly string[], options: RunOptions = {}): Promise<Outcome> => {
    const written = { out: "", err: "" };
    const isTTY = options.answers !== undefined;
    const sink = (name: "out" | "err"): Sink => ({
      write: async (text) => void (written[name] += text),
      isTTY,
      columns: () => options.columns ?? 80,
    });
    const answers = [...(options.answers ?? [])];
    async function* input(): AsyncGenerator<Uint8Array> {
      yield typeof options.input === "string" ? Buffer.from(options.input) : (options.input ?? new Uint8Array());
    }
    const host: Host = {
      platform: "linux",
      home,
      hostname: "test-host",
      env: { ...environment, ...options.env },
      cwd,
      out: sink("out"),
      err: sink("err"),
      input: input(),
      inputIsTTY: isTTY,
      signal: options.signal ?? new AbortController().signal,
      ask: async (question) => {
        written.err += question;
        return answers.shift() ?? "";
      },
    };
    const code = await runCli(words, host, () => undefined);
    return { code, ...written, json: parsed(written.out) };
  };

  /** In a process of its own, as a user runs it; `nodeArgs` go to Node. */
  const start = (words: readonly string[], nodeArgs: readonly string[] = []) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...nodeArgs, mainFile, ...words], {
      cwd,
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const written = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (written.out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (written.err += text));
    const ended = once(child, "close").then(([code]): Outcome => ({
      code: code as number | null,
      ...written,
      json: parsed(written.out),
    }));
    return { child, written, ended };
  };

  return {
    root,
    home,
    cwd,
    data,
    run,
    start,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
};
