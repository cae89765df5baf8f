/**
 * Applies closed segments to the directory, in order, one at a time, and removes their files. A crash anywhere leaves a
 * file that is applied again, which the directory notices. What cannot be applied waits; only a segment that the directory
 * refuses for what is in it, again and again, is put aside, so that it does not keep all others waiting.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { LedgerDirectory } from "@cairn/directory/ledger/ledger-directory";
import type { Clock } from "@cairn/kernel/clock";
import { CairnError, isCairnError } from "@cairn/kernel/error";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { isUuid } from "@cairn/kernel/id";
import { type ClosedSegment, segmentNumber } from "./spool.ts";
import { isLeft, ownerFile } from "./spool-owner.ts";
import { parseSpool } from "./spool-record.ts";

export interface FlusherOptions {
  /** Of all spools. */
  readonly folder: string;
  readonly ledger: Pick<LedgerDirectory, "apply">;
  readonly clock: Clock;
  readonly isOwn: (spool: string) => boolean;
  /** The entries of a segment are in their chains. */
  readonly applied: (entries: readonly AuditEntry[]) => void;
  readonly failed: (error: unknown) => void;
}

export interface Flusher {
  readonly add: (segment: ClosedSegment) => void;
  /** Applies all that was added before. Rejects with what keeps it from that. */
  readonly flush: () => Promise<void>;
  /** Applies what processes left that are no more. */
  readonly adopt: () => Promise<void>;
  /** Removes the empty folders of this process. */
  readonly tidy: (spools: Iterable<string>) => Promise<void>;
  readonly figures: () => { readonly waitingSegments: number; readonly waitingBytes: number; readonly applied: number };
}

/** How often a segment is refused before it is put aside. */
const patience = 5;

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

/** Whether it is about the segment and not about the directory's health. */
const isRefusal = (error: unknown): boolean =>
  !isCairnError(error) || !(error.code.startsWith("storage.") || error.code === "config.invalid");

export const makeFlusher = ({ folder, ledger, clock, isOwn, applied, failed }: FlusherOptions): Flusher => {
  const queue: ClosedSegment[] = [];
  const refusals = new Map<string, number>();
  let waitingBytes = 0;
  let count = 0;

  const applyFile = async ({ spool, number, file }: ClosedSegment): Promise<void> => {
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      // Another process applied it.
      if (isMissing(error)) return;
      throw error;
    }
    const { entries, counts, damaged } = parseSpool(text);
    if (damaged > 0) failed(new CairnError("storage.corrupt", `${damaged} lines of a spool cannot be read.`));
    try {
      if (await ledger.apply({ spool, number, entries, counts })) count += 1;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const times = (refusals.get(file) ?? 0) + 1;
      refusals.set(file, times);
      if (times < patience) throw error;
      refusals.delete(file);
      failed(error);
      await mkdir(join(folder, "refused"), { recursive: true, mode: 0o700 });
      await rename(file, join(folder, "refused", `${spool}-${number}.jsonl`));
      return;
    }
    refusals.delete(file);
    applied(entries);
    await rm(file, { force: true });
  };

  const drain = async (): Promise<void> => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      await applyFile(next);
      queue.shift();
      waitingBytes -= next.bytes;
    }
  };

  let last: Promise<void> = Promise.resolve();
  let planned: Promise<void> | null = null;
  /** One at a time, after what is under way; who comes before it begins shares it. */
  const flush = (): Promise<void> => {
    if (planned !== null) return planned;
    const next = last
      .catch(() => undefined)
      .then(() => {
        planned = null;
        return drain();
      });
    planned = next;
    last = next;
    next.catch(() => undefined);
    return next;
  };

  const removeEmpty = async (spool: string): Promise<void> => {
    const at = join(folder, spool);
    const names = await readdir(at);
    if (names.some((name) => name !== ownerFile)) return;
    await rm(join(at, ownerFile), { force: true });
    await rmdir(at);
  };

  const adoptOne = async (spool: string): Promise<void> => {
    const at = join(folder, spool);
    const names = await readdir(at);
    const numbers = names.map(segmentNumber).filter((number) => number !== null);
    for (const number of numbers.toSorted((a, b) => a - b)) {
      const file = join(
        at,
        names.find((name) => segmentNumber(name) === number)!,
      );
      await applyFile({ spool, number, file, bytes: 0 });
    }
    await removeEmpty(spool);
  };

  return {
    add: (segment) => {
      queue.push(segment);
      waitingBytes += segment.bytes;
    },
    flush,
    adopt: async () => {
      if (!existsSync(folder)) return;
      for (const spool of (await readdir(folder)).filter(isUuid)) {
        if (isOwn(spool) || !isLeft(join(folder, spool), clock)) continue;
        try {
          await adoptOne(spool);
        } catch (error) {
          // Two that adopt at once are in each other's way, and that is all.
          if (!isMissing(error)) failed(error);
        }
      }
    },
    tidy: async (spools) => {
      for (const spool of spools) await removeEmpty(spool).catch(() => undefined);
    },
    figures: () => ({ waitingSegments: queue.length, waitingBytes, applied: count }),
  };
};
