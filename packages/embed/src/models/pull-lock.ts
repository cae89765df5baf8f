/**
 * One process downloads a model, the others wait for it: a lock file beside it, which its owner touches while it
 * works. A lock belongs to a process that is gone when this machine has no such process, or when nobody touched it for
 * a while. Should two processes ever get in together, the sum of what they wrote would be wrong and the file would be
 * thrown away.
 */
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { codeOf } from "./file-fault.ts";

export interface LockTimes {
  readonly touchMs: number;
  readonly staleMs: number;
  readonly pollMs: number;
}
const usual: LockTimes = { touchMs: 2_000, staleMs: 15_000, pollMs: 300 };

/** When the lock was last touched; null when it is gone. */
const touchedAt = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
};

const own = `${process.pid} ${hostname()}`;

const isAbandoned = async (path: string, staleMs: number): Promise<boolean> => {
  const touched = await touchedAt(path);
  if (touched === null) return false;
  if (Date.now() - touched > staleMs) return true;
  const [pid = "", host = ""] = (await readFile(path, "utf8").catch(() => "")).split(" ", 2);
  return host === hostname() && /^\d{1,9}$/u.test(pid) && isGone(Number(pid));
};

const take = async (path: string): Promise<boolean> => {
  try {
    const handle = await open(path, "wx", 0o600);
    await handle.writeFile(own);
    await handle.close();
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
};

/** Runs `work` while no other process does the same under this path; `onWait` is called when another one is at it. */
export const withPullLock = async <Result>(
  path: string,
  work: () => Promise<Result>,
  onWait: () => void = () => undefined,
  signal?: AbortSignal,
  times: LockTimes = usual,
): Promise<Result> => {
  while (!(await take(path))) {
    onWait();
    if (await isAbandoned(path, times.staleMs)) await rm(path, { force: true });
    else await setTimeout(times.pollMs, undefined, signal === undefined ? {} : { signal });
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, times.touchMs);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    const owner = await readFile(path, "utf8").catch(() => "");
    if (owner === own) await rm(path, { force: true });
  }
};
