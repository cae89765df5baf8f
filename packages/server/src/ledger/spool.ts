/**
 * The spool of one process: what happened, written down before anyone is answered, as appended lines in files of its
 * data folder. A line that was appended is with the operating system and survives the process, however it ends. Files
 * (segments) are numbered, and closed after a second or some hundred lines; closed ones are applied to the directory in
 * order (`flusher.ts`) and then removed.
 *
 * Layout: `<folder>/<spool id>/owner.json`, `<folder>/<spool id>/<number>.jsonl`.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { storageError } from "@cairn/directory/storage-error";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { leftAfterMs, markOwner, touchOwner } from "./spool-owner.ts";

export const mostLines = 500;
const segmentSuffix = ".jsonl";

export interface ClosedSegment {
  readonly spool: string;
  readonly number: number;
  readonly file: string;
  readonly bytes: number;
}

export const segmentName = (number: number): string => `${String(number).padStart(10, "0")}${segmentSuffix}`;
/** Null for another file. */
export const segmentNumber = (name: string): number | null => {
  const match = /^(\d{10})\.jsonl$/u.exec(name);
  return match === null ? null : Number(match[1]);
};

export interface Spool {
  /** Throws storage.*; nothing of the line is kept then. */
  readonly append: (line: string) => void;
  /** Closes the file that is written to, where it holds anything. */
  readonly rotate: () => void;
  /** Says that this process lives. */
  readonly touch: () => void;
  /** Whether this process writes or wrote to it. */
  readonly isOwn: (spool: string) => boolean;
  readonly own: () => readonly string[];
  /** Those that nothing more is written to. */
  readonly left: () => readonly string[];
  /** Whether too much waits to be applied; null: no. */
  readonly trouble: () => CairnError | null;
}

export interface SpoolOptions {
  /** Made when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly closed: (segment: ClosedSegment) => void;
  /** Bytes that are not applied yet, of this process. */
  readonly waitingBytes: () => number;
  readonly mostBytes: number;
}

interface Active {
  readonly id: string;
  readonly folder: string;
  touched: number;
  number: number;
  /** Null: no segment is begun. */
  segment: { readonly descriptor: number; readonly file: string; bytes: number; lines: number } | null;
}

const tooMuch = (): CairnError =>
  new CairnError("storage.unavailable", "What happened cannot be recorded: too much of it waits for the directory.", {
    retryAfterMs: 5_000,
    hint: "Calls are taken again as soon as the directory can be written.",
  });

/** All of it, or an error and nothing. */
const appendWhole = (descriptor: number, line: Buffer, before: number): void => {
  try {
    for (let at = 0; at < line.length;) at += writeSync(descriptor, line, at);
  } catch (error) {
    ftruncateSync(descriptor, before);
    throw error;
  }
};

export const makeSpool = ({ folder, clock, closed, waitingBytes, mostBytes }: SpoolOptions): Spool => {
  const own = new Set<string>();
  let active: Active | null = null;

  const rotate = (): void => {
    if (active === null || active.segment === null) return;
    const { id, number, segment } = active;
    active.segment = null;
    closeSync(segment.descriptor);
    closed({ spool: id, number, file: segment.file, bytes: segment.bytes });
  };

  /** Whether another process may have taken this one for dead: it slept, or its clock was set. */
  const mayBeAdopted = ({ touched }: Active): boolean => Math.abs(clock() - touched) > leftAfterMs;

  const leave = (): void => {
    rotate();
    active = null;
  };

  const begin = (): Active => {
    const id = newId();
    const at = join(folder, id);
    mkdirSync(at, { recursive: true, mode: 0o700 });
    own.add(id);
    markOwner(at);
    const now = clock();
    touchOwner(at, now);
    return { id, folder: at, touched: now, number: 0, segment: null };
  };

  const open = (): NonNullable<Active["segment"]> => {
    if (active !== null && mayBeAdopted(active)) leave();
    active ??= begin();
    if (active.segment !== null) return active.segment;
    const number = active.number + 1;
    const file = join(active.folder, segmentName(number));
    active.segment = { descriptor: openSync(file, "ax", 0o600), file, bytes: 0, lines: 0 };
    active.number = number;
    return active.segment;
  };

  const write = (line: Buffer): void => {
    const segment = open();
    try {
      appendWhole(segment.descriptor, line, segment.bytes);
    } catch (error) {
      // What could not be cut off again must not be followed by more.
      rotate();
      throw error;
    }
    segment.bytes += line.length;
    segment.lines += 1;
    if (segment.lines >= mostLines) rotate();
  };

  return {
    append: (line) => {
      if (waitingBytes() > mostBytes) throw tooMuch();
      const bytes = Buffer.from(line);
      try {
        write(bytes);
        // It was stopped in the middle, for longer than others wait: the line may have gone to a file that is gone.
        if (active !== null && mayBeAdopted(active)) write(bytes);
      } catch (error) {
        throw storageError(error);
      }
    },
    rotate,
    touch: () => {
      if (active === null) return;
      if (mayBeAdopted(active)) {
        leave();
        return;
      }
      const now = clock();
      try {
        touchOwner(active.folder, now);
        active.touched = now;
      } catch {
        leave();
      }
    },
    isOwn: (spool) => own.has(spool),
    own: () => [...own],
    left: () => [...own].filter((spool) => spool !== active?.id),
    trouble: () => (waitingBytes() > mostBytes ? tooMuch() : null),
  };
};
