/** Virtual environments for the peers, made once and kept outside the repository. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "../children.ts";
import type { Peer } from "./list.ts";

const minute = 60_000;

/** `CAIRN_BENCH_CACHE`, or the user's cache folder. */
const cacheFolder = (): string =>
  process.env["CAIRN_BENCH_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "cairn-bench", "peers");

export interface Ended {
  readonly ok: boolean;
  /** The last line it wrote, to tell what was wrong. */
  readonly lastLine: string;
}

/** What a driver has to end the server that it started. */
const graceMs = 30_000;
const mostOutput = 20_000;

/** Runs a program to its end; it is stopped when `within` milliseconds are over. Never rejects. */
export const runProgram = (
  program: string,
  args: readonly string[],
  options: { readonly within: number; readonly cwd?: string },
): Promise<Ended> => {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let output = "";
  const child = endsWithUs(
    spawn(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ["ignore", "pipe", "pipe"],
      // Everything that a peer asks of this machine stays on it.
      env: {
        ...process.env,
        NO_PROXY: "127.0.0.1,localhost",
        no_proxy: "127.0.0.1,localhost",
        PYTHONDONTWRITEBYTECODE: "1",
      },
    }),
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-mostOutput);
    });
  }
  let late = false;
  let hard: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGTERM");
    hard = setTimeout(() => child.kill("SIGKILL"), graceMs);
  }, options.within);
  const end = (ok: boolean, said: string): void => {
    clearTimeout(timer);
    clearTimeout(hard);
    const lastLine = said.trim().split("\n").at(-1)?.trim().slice(0, 200) ?? "";
    resolve({ ok, lastLine: late ? `stopped after ${Math.round(options.within / minute)} minutes` : lastLine });
  };
  child.once("error", (error) => end(false, error.message));
  child.once("close", (status) => end(status === 0, output));
  return promise;
};

export type Installed = { readonly python: string } | { readonly failed: string };

/** The Python that has the peer installed, in an environment named by its exact requirements. */
export const installPeer = async ({ name, requirements }: Peer): Promise<Installed> => {
  if (requirements.length === 0) {
    const { ok, lastLine } = await runProgram("python3", ["--version"], { within: minute });
    return ok ? { python: "python3" } : { failed: `python3 does not run here (${lastLine})` };
  }
  const hash = createHash("sha256").update(requirements.join(" ")).digest("hex").slice(0, 8);
  const folder = join(cacheFolder(), `${name}-${hash}`);
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const stamp = join(folder, "installed");
  if (existsSync(stamp)) return { python };
  console.log(`Installing ${requirements.join(" ")} into ${folder} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const made = await runProgram("python3", ["-m", "venv", folder], { within: 5 * minute });
  if (!made.ok) return { failed: `no virtual environment could be made (${made.lastLine})` };
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", ...requirements];
  const installed = await runProgram(python, pip, { within: 20 * minute });
  if (!installed.ok) return { failed: `not installed: ${installed.lastLine}` };
  writeFileSync(stamp, `${requirements.join("\n")}\n`);
  return { python };
};
