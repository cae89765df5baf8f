/**
 * Keeps one PostgreSQL server for the process that started this one, and ends it with that process however it ends: a
 * test run that is interrupted or killed leaves neither a server nor its files behind. Speaks over Node's channel
 * between processes, whose end is the sign to clean up.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { accessSync, chownSync, constants, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { KeeperAnswer, KeeperCommand, KeeperSetup } from "./keeper.ts";

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Under root, the account that the server runs as. */
const unprivileged = (): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const found = ["postgres", "nobody"].flatMap((name) => accounts.filter(([account]) => account === name))[0];
  if (found === undefined)
    throw new Error("PostgreSQL does not run as root, and there is no account postgres or nobody");
  return { uid: Number(found[2]), gid: Number(found[3]) };
};

const openToAll = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK);
    for (let at = folder; ; at = dirname(at)) {
      if ((statSync(at).mode & 0o001) === 0) return false;
      if (at === dirname(at)) return true;
    }
  } catch {
    return false;
  }
};

const account = unprivileged();
const drop = account ?? {};

const ownFolder = (): string => {
  const base = account === undefined ? tmpdir() : ([tmpdir(), "/tmp", "/var/tmp"].find(openToAll) ?? tmpdir());
  const folder = mkdtempSync(join(base, "cairn-postgres-"));
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  return folder;
};

/** Below the ports that outgoing connections get, so that none of them takes it while the server is down. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer().once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
};

const folder = ownFolder();
let setup: KeeperSetup | undefined;
let port = 0;
let server: ChildProcess | undefined;
let over: Promise<unknown> = Promise.resolve();

const endedOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on("close", (status) => resolve(status)));

const runToEnd = async (program: string, args: readonly string[]): Promise<void> => {
  const child = spawn(program, args, { ...drop, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  child.on("error", (error) => said.push(error.message));
  const status = await endedOf(child);
  if (status !== 0) throw new Error(`${program} ended with status ${status}: ${said.join("").trim().slice(-1_000)}`);
};

const initialise = async ({ binaries, password }: KeeperSetup): Promise<void> => {
  // Others on this machine can connect to the port, so the server asks for a password.
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
  const superuser = ["-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--set=scram_iterations=1"];
  const kind = ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
  await runToEnd(join(binaries, "initdb"), ["-D", join(folder, "data"), ...superuser, ...kind]);
  rmSync(passwordFile);
};

type Start = "ready" | "port taken" | "still in use";

const startOnce = ({ binaries, durable, settings }: KeeperSetup): Promise<Start> =>
  new Promise((resolve, reject) => {
    const given = {
      listen_addresses: "127.0.0.1",
      port: String(port),
      unix_socket_directories: "",
      max_connections: "200",
      log_min_messages: "error",
      log_min_error_statement: "panic",
      ...(durable ? {} : { fsync: "off", full_page_writes: "off" }),
      ...settings,
    };
    const args = Object.entries(given).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const child = spawn(join(binaries, "postgres"), ["-D", join(folder, "data"), ...args], {
      ...drop,
      cwd: folder,
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    server = child;
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
      if (said.includes("database system is ready to accept connections")) resolve("ready");
    });
    child.on("error", (error) => (said += error.message));
    over = endedOf(child).then((status) => {
      if (server === child) server = undefined;
      if (said.includes("could not bind")) resolve("port taken");
      else if (said.includes("pre-existing shared memory block")) resolve("still in use");
      else reject(new Error(`PostgreSQL ended with status ${status}: ${said.trim()}`));
    });
  });

const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

const start = async (): Promise<void> => {
  if (setup === undefined) throw new Error("the keeper was not set up");
  if (server !== undefined) return;
  for (let attempt = 0; attempt < 100; attempt++) {
    const known = port !== 0;
    if (!known) port = await freePort();
    const outcome = await startOnce(setup);
    if (outcome === "ready") return;
    // Its port stays a server's own; of a new one, another is tried.
    if (outcome === "port taken" && !known) port = 0;
    else await wait(100);
  }
  throw new Error("PostgreSQL does not start");
};

const stop = async (signal: NodeJS.Signals): Promise<void> => {
  const running = server;
  if (running === undefined) return;
  running.kill(signal);
  await over;
};

const cleanUp = async (): Promise<never> => {
  await stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  return process.exit(0);
};

const obey = async (command: KeeperCommand): Promise<void> => {
  if (command.do === "set up") {
    setup = command;
    await initialise(command);
    await start();
  } else if (command.do === "start") await start();
  else if (command.do === "stop") await stop("SIGINT");
  else await stop("SIGKILL");
};

let queue: Promise<void> = Promise.resolve();
process.on("message", (command: KeeperCommand) => {
  const answer = (message: KeeperAnswer): void => void process.send?.(message, () => undefined);
  queue = queue
    .then(() => obey(command))
    .then(
      () => answer({ id: command.id, port }),
      (error: unknown) => answer({ id: command.id, port, problem: (error as Error).message }),
    );
});
process.on("disconnect", () => void cleanUp());
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("SIGTERM", () => void cleanUp());
