/**
 * The ledger of a server process: usage (TEN-6) and audit (TEN-8). What happened is appended to a spool before anyone is
 * answered, survives the process, and is applied to the directory a second later, exactly once (`spool.ts`,
 * `flusher.ts`). Where it cannot be written down, calls are refused: none that should be audited is answered without.
 */
import { join } from "node:path";
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import { boundedEntry } from "@cairn/directory/ledger/bounded-entry";
import { ledgerOver } from "@cairn/directory/ledger/ledger-over";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import type { Clock } from "@cairn/kernel/clock";
import { newId } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import type { Engine } from "@cairn/memory/space/engine";
import { countsOf, countsOfCall, entryOfCall, meterKey } from "./call-records.ts";
import { type DenialLimits, makeDenialBounds } from "./denial-bounds.ts";
import { makeFlusher } from "./flusher.ts";
import type { Ledger } from "./ledger.ts";
import { ledgerJobs } from "./ledger-jobs.ts";
import { makeLineWriter } from "./line-writer.ts";
import { collectingEngine, makeNoteCollector } from "./note-collector.ts";
import { makeSpool } from "./spool.ts";
import type { SpoolRecord } from "./spool-record.ts";

export interface LedgerOptions {
  readonly database: DirectoryDatabase;
  readonly engine: Engine;
  readonly directory: SpaceDirectory;
  /** The data folder of this process's machine; spools lie in `spool` there. */
  readonly data: string;
  /** The server's own name. */
  readonly instance: string;
  readonly clock: Clock;
  /** Told of what keeps records from being written or applied; often the same, again and again. */
  readonly failed: (error: unknown) => void;
  /** Of records that wait for the directory; beyond them calls are refused. 256 MiB when absent. */
  readonly mostBytes?: number;
  readonly denials?: DenialLimits;
  /** Milliseconds between two looks at what is to be applied; 1,000 when absent. */
  readonly everyMs?: number;
}

const mostBytesWaiting = 256 * 1024 * 1024;
const second = 1_000;
const touchEvery = 5;
const dropEvery = 15;
const adoptEvery = 60;
/** Seconds between two tries while the directory is away. */
const mostPatience = 30;

export const openLedger = (options: LedgerOptions): Ledger => {
  const { database, engine, directory, data, instance, clock, failed, mostBytes = mostBytesWaiting } = options;
  const folder = join(data, "spool");
  const ledger = ledgerOver(database, clock);
  const collector = makeNoteCollector({ engine, ledger, directory, clock, instance, failed });
  const bounds = makeDenialBounds(clock, options.denials);
  const spool = makeSpool({
    folder,
    clock,
    mostBytes,
    closed: (segment) => flusher.add(segment),
    waitingBytes: () => flusher.figures().waitingBytes,
  });
  const flusher = makeFlusher({ folder, ledger, clock, isOwn: spool.isOwn, applied: collector.settled, failed });
  const lines = makeLineWriter({ append: spool.append, failed });
  let timer: NodeJS.Timeout | undefined;
  let ticks = 0;
  let failures = 0;
  let tryAt = 0;
  let background: Promise<void> = Promise.resolve();
  let dropping: Promise<void> | null = null;
  let closing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    lines.retry();
    spool.rotate();
    await flusher.flush();
  };

  const flushPatiently = async (): Promise<void> => {
    if (ticks < tryAt) return;
    try {
      await flush();
      failures = 0;
    } catch (error) {
      failures += 1;
      tryAt = ticks + Math.min(mostPatience, 2 ** Math.min(failures, 10));
      failed(error);
    }
  };

  const summarise = (all: boolean): void => {
    for (const entry of bounds.summaries(all)) lines.write({ entry });
  };

  /** Beside the rest: there may be many spaces, and what is in the chain is in no hurry. */
  const dropNotes = (): void => {
    dropping ??= collector
      .drop()
      .catch(failed)
      .finally(() => {
        dropping = null;
      });
  };

  const tick = async (): Promise<void> => {
    const at = ticks++;
    if (at % touchEvery === 0) spool.touch();
    summarise(false);
    await flushPatiently();
    if (at % adoptEvery === 0) {
      await flusher.adopt().catch(failed);
      await flusher.tidy(spool.left());
    }
    if (at % dropEvery === dropEvery - 1) dropNotes();
  };

  const start = (): void => {
    if (timer !== undefined || closing !== undefined) return;
    let isBusy = false;
    const once = (): void => {
      // Who lives must be seen to live, however long the directory takes.
      if (isBusy) spool.touch();
      if (isBusy) return;
      isBusy = true;
      background = tick()
        .catch(failed)
        .finally(() => {
          isBusy = false;
        });
    };
    timer = setInterval(once, options.everyMs ?? second);
    timer.unref();
    once();
  };

  const put = (record: SpoolRecord): Error | null => {
    const { entry, counts = [] } = record;
    const taken = entry === undefined || bounds.takes(entry) ? entry : undefined;
    if (taken === undefined && counts.length === 0) return null;
    return lines.write({
      ...(taken === undefined ? {} : { entry: boundedEntry(taken) }),
      ...(counts.length === 0 ? {} : { counts }),
    });
  };

  const closeAll = async (): Promise<void> => {
    clearInterval(timer);
    await Promise.all([background, dropping]);
    summarise(true);
    try {
      await flush();
      await collector.drop();
    } catch (error) {
      failed(error);
    }
    await flusher.tidy(spool.own());
  };

  return {
    record: (record) => {
      const entry = entryOfCall(record);
      const counts = countsOfCall(record);
      const error = put({ ...(entry === null ? {} : { entry }), counts });
      if (error !== null && record.outcome === "ok" && entry?.kind === "read") throw error;
    },
    signIn: ({ id = newId(), operation, outcome, code = null, identity, subjects = [], address, requestId }) => {
      put({
        entry: {
          id,
          at: clock(),
          organisation: identity?.organisation ?? homeOrganisation,
          principal: identity?.principal ?? "anonymous",
          credential: identity?.credential ?? "none",
          key: identity?.key ?? null,
          instance: null,
          operation,
          kind: "sign-in",
          outcome,
          code,
          spaces: [],
          subjects,
          address,
          requestId,
        },
      });
    },
    bandwidth: ({ identity, space, bytesIn, bytesOut }) => {
      const { organisation } = identity;
      if (organisation === null) return;
      const metered = { at: clock(), organisation, space, key: meterKey(identity) };
      put({ counts: countsOf(metered, { bytes_in: bytesIn, bytes_out: bytesOut }) });
    },
    ready: () => {
      const error = lines.trouble() ?? spool.trouble();
      if (error !== null) throw error;
    },
    check: async () => {
      lines.retry();
      const error = lines.trouble() ?? spool.trouble();
      if (error !== null) throw error;
    },
    start,
    flush,
    collectNotes: collector.collectOf,
    engine: collectingEngine(engine, collector.collect),
    jobs: () => ledgerJobs({ engine, directory, ledger, collect: collector.collect, clock }),
    figures: () => ({ ...flusher.figures(), ...collector.figures(), unsavedLines: lines.unsaved() }),
    close: () => (closing ??= closeAll()),
  };
};
