/**
 * The queue of jobs in PostgreSQL, shared by all servers: graphile-worker's tables and functions in a schema of their
 * own, which nobody but the role of jobs sees. Servers hear of new jobs by its notification.
 *
 * `migratePostgresJobs` makes the tables.
 */
import { CairnError } from "@cairn/kernel/error";
import { openPool, type Connection, type PostgresPool } from "@cairn/store-postgres/connection/pool";
import { jobsRole } from "@cairn/store-postgres/connection/roles";
import { lost, readFailure } from "./job-failure.ts";
import type { JobStore, NewJob } from "./job-store.ts";
import type { JobType } from "./job-type.ts";
import type { JobCounts, JobRecord, JobState, Jobs } from "./jobs.ts";
import { makeJobs } from "./make-jobs.ts";
import { listenForJobs } from "./postgres-listen.ts";
import * as sql from "./postgres-statements.ts";
import type { WorkerOptions } from "./worker.ts";

export interface PostgresJobsOptions extends WorkerOptions {
  /** Signs in as a member of the role of jobs. */
  readonly url: string;
  readonly types: readonly JobType[];
  /** Connections at most, beside the one that listens while jobs are run. */
  readonly connections?: number;
}

interface ListedRow {
  readonly id: number;
  readonly name: string;
  readonly key: string | null;
  readonly queue: string | null;
  readonly priority: number;
  readonly attempts: number;
  readonly most: number;
  readonly last_error: string | null;
  readonly created: number;
  readonly at: number;
  readonly started: number | null;
  readonly state: JobState;
}

interface TakenRow {
  readonly id: number;
  readonly name: string;
  /** Null from other tools than ours. */
  readonly payload: { readonly p: unknown } | null;
  readonly attempts: number;
  readonly priority: number;
  readonly at: number;
}

const keyOf = ({ name, key }: Pick<NewJob, "name" | "key">): string | null => (key === null ? null : `${name}:${key}`);

/** Wrapped, because graphile-worker joins payloads that are arrays. */
const specOf = (job: NewJob) => ({
  identifier: job.name,
  payload: { p: JSON.parse(job.payload) as unknown },
  queue_name: job.queue,
  run_at: job.runAt === null ? null : new Date(job.runAt).toISOString(),
  max_attempts: job.mostAttempts,
  job_key: keyOf(job),
  priority: job.priority,
});

const recordOf = (row: ListedRow): JobRecord => ({
  id: String(row.id),
  name: row.name,
  state: row.state,
  key: row.key?.slice(row.name.length + 1) ?? null,
  queue: row.queue,
  priority: row.priority,
  attempts: row.attempts,
  mostAttempts: row.most,
  createdAt: row.created,
  runAt: row.at,
  startedAt: row.started,
  failure: readFailure(row.last_error),
});

/** Of two with one key the later counts: one statement cannot put in both. */
const withoutTwins = (jobs: readonly NewJob[]): readonly NewJob[] => {
  const last = new Map(jobs.map((job, at) => [keyOf(job) ?? at, job]));
  return [...last.values()];
};

const addIn = async (connection: Connection, jobs: readonly NewJob[]): Promise<readonly string[]> => {
  const unique = withoutTwins(jobs);
  const keys = unique.map(keyOf).filter((key) => key !== null);
  await connection.query(sql.whileAdding);
  if (keys.length > 0) await connection.change(sql.dropFailed, [keys]);
  const rows = await connection.query<{ id: number }>(sql.add, [JSON.stringify(unique.map(specOf))]);
  const ids = rows.map(({ id }) => id);
  if (keys.length > 0) {
    await connection.change(sql.forward, [ids, unique.map(({ runAt }) => runAt)]);
  }
  return ids.map(String);
};

/** The engine's side alone, which `openPostgresJobs` runs jobs from. */
export const openPostgresStore = ({
  url,
  connections = 4,
}: Pick<PostgresJobsOptions, "url" | "connections">): JobStore => {
  let opened: PostgresPool | null = null;
  let closed = false;
  const pool = (): PostgresPool => {
    if (closed) throw new CairnError("storage.unavailable", "The queue of jobs is closed.");
    return (opened ??= openPool({ url, role: jobsRole, name: "cairn jobs", most: connections }));
  };
  const use = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => pool().use(work);
  const atomically = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> =>
    pool().transaction({ space: null }, work);

  /** Whether an operator may touch the job, and what comes of it. */
  const whenIdle = (id: string, statement: string): Promise<boolean> =>
    atomically(async ({ query }) => {
      if ((await query(sql.isIdle, [id])).length === 0) return false;
      return (await query(statement, [id])).length > 0;
    });

  return {
    add: (jobs) => atomically((connection) => addIn(connection, jobs)),
    take: ({ worker, names, most, fresh }) =>
      use(async ({ query }) => {
        const rows = await query<TakenRow>(sql.take(fresh), [worker, names, most]);
        return rows
          .toSorted((one, other) => one.priority - other.priority || one.at - other.at || one.id - other.id)
          .map(({ id, name, payload, attempts }) => ({ id: String(id), name, payload: payload?.p, attempt: attempts }));
      }),
    dueIn: (names) =>
      use(async ({ query }) => {
        const [row] = await query<{ millis: number | null }>(sql.dueIn, [names]);
        return row === undefined || row.millis === null ? null : Math.max(0, row.millis);
      }),
    complete: async (worker, { id }) => void (await use(({ change }) => change(sql.complete, [id, worker]))),
    fail: async (worker, { id, attempt }, failure, retryInMs) =>
      void (await use(({ change }) => change(sql.fail, [id, worker, attempt, JSON.stringify(failure), retryInMs]))),
    giveBack: async (worker, { id, attempt }) =>
      void (await use(({ change }) => change(sql.giveBack, [id, worker, attempt]))),
    keepOnly: async (worker, ids) => void (await use(({ change }) => change(sql.keepOnly, [ids, worker]))),
    beat: async (worker) => (await use(({ change }) => change(sql.beat, [worker]))) > 0,
    leave: async (worker) => void (await use(({ change }) => change(sql.leave, [worker]))),
    recover: (leaseMs) =>
      atomically(async ({ query, change }) => {
        const ids = (await query<{ id: string }>(sql.gone, [leaseMs])).map(({ id }) => id);
        if (ids.length === 0) return 0;
        await change(sql.dropReplaced, [ids]);
        await change(sql.tellLost, [ids, JSON.stringify(lost)]);
        await query(sql.unlock, [ids]);
        return ids.length;
      }),
    tick: async ({ everyMs, firstMs, delayMs, job }) => {
      const [seen] = await use(({ query }) => query<{ millis: number }>(sql.readSchedule, [job.name]));
      const longest = Math.max(everyMs, firstMs);
      if (seen !== undefined && seen.millis > 0 && seen.millis <= longest) return seen.millis;
      return atomically(async (connection) => {
        await connection.change(sql.makeSchedule, [job.name, firstMs]);
        const [row] = await connection.query<{ next: number; now: number }>(sql.lockSchedule, [job.name]);
        if (row === undefined) return everyMs;
        const { now } = row;
        const at = Math.min(row.next, now + longest);
        const next = at <= now ? at + everyMs * (Math.floor((now - at) / everyMs) + 1) : at;
        await connection.change(sql.setSchedule, [job.name, next]);
        if (at <= now) await addIn(connection, [{ ...job, runAt: now + delayMs }]);
        return next - now;
      });
    },
    prune: async (keepMs) => {
      await use(({ change }) => change(sql.prune, [keepMs]));
      await atomically(async ({ query, change }) => {
        await query(sql.whilePruning);
        await change(sql.pruneQueues);
      });
    },
    list: async ({ state, name, limit, cursor }) => {
      const values = [cursor ?? 0, name ?? null, state ?? null, limit + 1];
      const rows = await use(({ query }) => query<ListedRow>(sql.list, values));
      const jobs = rows.slice(0, limit).map(recordOf);
      return { jobs, cursor: rows.length > limit ? (jobs.at(-1)?.id ?? null) : null };
    },
    counts: () => use(({ query }) => query<JobCounts>(sql.counts)),
    retry: (id) => whenIdle(id, sql.retry),
    remove: (id) => whenIdle(id, sql.remove),
    listen: async (changed) => listenForJobs(url, changed),
    close: async () => {
      closed = true;
      await opened?.close();
    },
  };
};

/** All calls may throw storage.* and config.invalid. */
export const openPostgresJobs = (options: PostgresJobsOptions): Jobs =>
  makeJobs(openPostgresStore(options), options.types, options);
