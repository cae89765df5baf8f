/**
 * Whose a spool is, and whether its process lives. A spool is a folder; in it lies `owner.json`, which its process
 * touches now and then. A process that did not for long may have been adopted from, so it leaves its spool and begins
 * another (`spool.ts`); that makes a wrong guess about who lives harmless, as after a laptop's sleep.
 */
import { readFileSync, readlinkSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "@cairn/kernel/clock";

/** A process that did not touch its spool for so long leaves it. */
export const leftAfterMs = 30_000;
/** Others take a spool for left after so long: well after its process would have left it. */
export const adoptedAfterMs = 120_000;

const fileName = "owner.json";

/** Where process ids mean the same: one namespace of one run of one machine; null: not known. */
const pidSpace = (): string | null => {
  // Only Linux has several of them on one machine.
  if (process.platform !== "linux") return hostname();
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${hostname()} ${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return null;
  }
};

export const markOwner = (folder: string): void =>
  writeFileSync(
    join(folder, fileName),
    JSON.stringify({ pid: process.pid, space: pidSpace(), started: performance.timeOrigin }),
    { mode: 0o600 },
  );

export const touchOwner = (folder: string, at: number): void => {
  const seconds = at / 1_000;
  utimesSync(join(folder, fileName), seconds, seconds);
};

interface Owner {
  readonly pid: number;
  readonly space: string;
  /** When the process began: tells it from an earlier one of the same id, as in a container that was started again. */
  readonly started: unknown;
}

const isAlive = ({ pid, started }: Owner): boolean => {
  if (pid === process.pid) return started === performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

const ownerOf = (folder: string): Owner | null => {
  try {
    const value = JSON.parse(readFileSync(join(folder, fileName), "utf8")) as Readonly<Record<string, unknown>>;
    const { pid, space, started } = value;
    return Number.isSafeInteger(pid) && typeof space === "string" ? { pid: pid as number, space, started } : null;
  } catch {
    return null;
  }
};

const touchedAt = (folder: string): number | null => {
  for (const path of [join(folder, fileName), folder]) {
    try {
      return statSync(path).mtimeMs;
    } catch {
      // The folder's own time serves where its process ended before it said who it is.
    }
  }
  return null;
};

/** Whether nobody will write to the spool any more. Not to be asked of one's own. */
export const isLeft = (folder: string, clock: Clock): boolean => {
  const touched = touchedAt(folder);
  if (touched === null) return false;
  if (Math.abs(clock() - touched) > adoptedAfterMs) return true;
  const owner = ownerOf(folder);
  return owner !== null && owner.space === pidSpace() && !isAlive(owner);
};

export const ownerFile = fileName;
