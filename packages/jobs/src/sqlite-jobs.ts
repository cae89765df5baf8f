/**
 * The queue of jobs in one SQLite file beside the spaces, shared by every process on the data folder. Nothing is opened
 * before the first question. Processes do not hear of each other's jobs at once: each looks now and then, which reads
 * one index, and writes only when there is something to take.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, wallClock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { JobStore } from "./job-store.ts";
import type { JobType } from "./job-type.ts";
import type { Jobs } from "./jobs.ts";
import { makeJobs } from "./make-jobs.ts";
import { isBusy, jobsFileError } from "./sqlite-error.ts";
import type { Sqlite } from "./sqlite-file.ts";
import type { WorkerOptions } from "./worker.ts";

export interface SqliteJobsOptions extends WorkerOptions {
  /** Path of the file; its folder is made when it is missing. */
  readonly file: string;
  readonly types: readonly JobType[];
  readonly clock?: Clock;
  /** How long to try while another process writes, milliseconds. */
  readonly busyMs?: number;
}

const connect = async (file: string, clock: Clock) => {
  const [{ openJobsFile }, { sqliteStatements }] = await Promise.all([
    import("./sqlite-file.ts"),
    import("./sqlite-statements.ts"),
  ]);
  const database: Sqlite = openJobsFile(file);
  return { database, statements: sqliteStatements(database, clock) };
};
type Connection = Awaited<ReturnType<typeof connect>>;

const openStore = ({ file, clock = wallClock, busyMs = 5_000 }: SqliteJobsOptions): JobStore => {
  let connecting: Promise<Connection> | null = null;
  let closed = false;

  const connection = async (): Promise<Connection> => {
    if (closed) throw new CairnError("storage.unavailable", "The queue of jobs is closed.");
    connecting ??= connect(file, clock);
    try {
      return await connecting;
    } catch (error) {
      // What kept it from opening may pass: the next call tries again.
      connecting = null;
      throw error;
    }
  };

  /** Again and again while another process holds the lock. */
  const attempt = async <T>(work: (statements: Connection["statements"]) => T): Promise<T> => {
    const until = performance.now() + busyMs;
    for (let wait = 2; ; wait = Math.min(2 * wait, 100)) {
      try {
        return work((await connection()).statements);
      } catch (error) {
        if (!isBusy(error) || performance.now() + wait > until) throw jobsFileError(error);
        await sleep(wait * (0.5 + Math.random()));
      }
    }
  };

  return {
    add: (jobs) => attempt(({ add }) => add(jobs)),
    take: (take) => attempt((statements) => statements.take(take)),
    dueIn: (names) => attempt(({ dueIn }) => dueIn(names)),
    complete: (worker, job) => attempt(({ complete }) => complete(worker, job)),
    fail: (worker, job, failure, retryInMs) => attempt(({ fail }) => fail(worker, job, failure, retryInMs)),
    giveBack: (worker, job) => attempt(({ giveBack }) => giveBack(worker, job)),
    keepOnly: (worker, ids) => attempt(({ keepOnly }) => keepOnly(worker, ids)),
    beat: (worker) => attempt(({ beat }) => beat(worker)),
    leave: (worker) => attempt(({ leave }) => leave(worker)),
    recover: (leaseMs) => attempt(({ recover }) => recover(leaseMs)),
    tick: (tick) => attempt((statements) => statements.tick(tick)),
    prune: (keepMs) => attempt(({ prune }) => prune(keepMs)),
    list: (options) => attempt(({ list }) => list(options)),
    counts: () => attempt(({ counts }) => counts()),
    retry: (id) => attempt(({ retry }) => retry(Number(id))),
    remove: (id) => attempt(({ remove }) => remove(Number(id))),
    listen: null,
    close: async () => {
      closed = true;
      const open = await connecting?.catch(() => null);
      open?.database.close();
    },
  };
};

/** All calls may throw storage.read_only, storage.full, storage.busy, storage.corrupt, storage.newer. */
export const openSqliteJobs = (options: SqliteJobsOptions): Jobs =>
  makeJobs(openStore(options), options.types, options);
