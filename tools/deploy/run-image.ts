/**
 * Starts what the Dockerfile says, from a folder instead of a container: the same command, the same variables and
 * nothing else of this process's environment, as a user of its own where this one may become another. The paths of the
 * image stand for folders here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { all, environmentOf, execForm, type Instruction, instructionsOf, stagesOf } from "./dockerfile.ts";

export interface Image {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly health: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Numbers of the user and the group. */
  readonly user: readonly [uid: number, gid: number];
  readonly stopSignal: string;
  readonly volumes: readonly string[];
  readonly instructions: readonly Instruction[];
}

/** What the last stage of a Dockerfile runs. */
export const readImage = (file: string): Image => {
  const instructions = stagesOf(instructionsOf(readFileSync(file, "utf8"))).at(-1) ?? [];
  const last = (name: string): string => all(instructions, name).at(-1) ?? "";
  const [uid = 0, gid = 0] = last("USER").split(":").map(Number);
  return {
    entrypoint: execForm(last("ENTRYPOINT")),
    command: execForm(last("CMD")),
    health: execForm(last("HEALTHCHECK")),
    environment: environmentOf(instructions),
    user: [uid, gid],
    stopSignal: last("STOPSIGNAL"),
    volumes: all(instructions, "VOLUME"),
    instructions,
  };
};

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export interface Running extends AsyncDisposable {
  /** Resolves once `pattern` stands in what it printed; rejects when it ends before. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly stop: (signal: NodeJS.Signals) => Promise<Ended>;
  readonly ended: Promise<Ended>;
}

export interface Places {
  /** Stands for `/app`. */
  readonly app: string;
  /** Stands for `/var/lib/cairn`. */
  readonly data: string;
  /** A Node that the image's user may run. */
  readonly node: string;
}

/** Runs a command of the image. `more` is what `docker run --env` would add. */
export const runInImage = (
  image: Image,
  { app, data, node }: Places,
  command: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Running => {
  const here = (text: string): string => text.replace(/^\/app(?=\/|$)/u, app).replace(/^\/var\/lib\/cairn/u, data);
  const [program = "", ...args] = command.map(here);
  const environment = Object.entries({ ...image.environment, ...more }).map(([name, value]) => [name, here(value)]);
  const [uid, gid] = image.user;
  const child: ChildProcess = spawn(program === "node" ? node : program, args, {
    cwd: app,
    env: { PATH: dirname(node), ...Object.fromEntries(environment) },
    stdio: ["ignore", "pipe", "pipe"],
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      child.emit("said");
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code: number | null, signal: NodeJS.Signals | null) => resolve({ code, signal, output }));
  });
  return {
    ended,
    says: async (pattern) => {
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found;
        const over = await Promise.race([once(child, "said").then(() => null), ended]);
        if (over !== null && !pattern.test(over.output)) throw new Error(`It ended: ${JSON.stringify(over)}`);
      }
    },
    stop: (signal) => {
      child.kill(signal);
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
};
