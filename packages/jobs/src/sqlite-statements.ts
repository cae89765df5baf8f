/** The statements behind the queue in SQLite. What changes several rows runs in one transaction under the write lock. */
import type { Clock } from "@cairn/kernel/clock";
import { type JobFailure, lost, readFailure } from "./job-failure.ts";
import type { NewJob, Take, TakenJob, Tick } from "./job-store.ts";
import type { JobCounts, JobPage, JobRecord, JobState, ListJobs } from "./jobs.ts";
import type { Sqlite } from "./sqlite-file.ts";

interface JobRow {
  readonly id: number;
  readonly name: string;
  readonly payload: string;
  readonly key: string | null;
  readonly queue: string | null;
  readonly priority: number;
  readonly run_at: number;
  readonly attempts: number;
  readonly most_attempts: number;
  readonly failure: string | null;
  readonly created_at: number;
  readonly worker: string | null;
  readonly started_at: number | null;
  readonly failed_at: number | null;
}

const waiting = "worker is null and failed_at is null";
const states: Readonly<Record<JobState, string>> = {
  waiting,
  running: "worker is not null",
  failed: "failed_at is not null",
};
/** What just fell due counts as coming, so that nothing is missed between two looks. */
const justDueMs = 200;

const recordOf = (row: JobRow): JobRecord => ({
  id: String(row.id),
  name: row.name,
  state: row.failed_at !== null ? "failed" : row.worker !== null ? "running" : "waiting",
  key: row.key,
  queue: row.queue,
  priority: row.priority,
  attempts: row.attempts,
  mostAttempts: row.most_attempts,
  createdAt: row.created_at,
  runAt: row.run_at,
  startedAt: row.started_at,
  failure: readFailure(row.failure),
});

export const sqliteStatements = (database: Sqlite, clock: Clock) => {
  const known = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const prepare = (sql: string) => {
    const statement = known.get(sql) ?? database.prepare(sql);
    known.set(sql, statement);
    return statement;
  };
  const change = (sql: string, ...values: unknown[]): number => prepare(sql).run(...values).changes;
  const row = (sql: string, ...values: unknown[]): unknown => prepare(sql).get(...values);
  const rows = (sql: string, ...values: unknown[]): unknown => prepare(sql).all(...values);
  const atomically = <T>(work: () => T): T => database.transaction(work).immediate();

  const addOne = ({ name, payload, key, queue, priority, runAt, mostAttempts }: NewJob): string => {
    const now = clock();
    if (key !== null) change("delete from jobs where name = ? and key = ? and failed_at is not null", name, key);
    const { id } = row(
      `insert into jobs (name, payload, key, queue, priority, run_at, most_attempts, created_at)
      values (?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (name, key) where key is not null and ${waiting} do update set
        payload = excluded.payload, queue = excluded.queue, priority = excluded.priority,
        run_at = min(run_at, excluded.run_at), most_attempts = excluded.most_attempts, attempts = 0, failure = null
      returning id`,
      name,
      payload,
      key,
      queue,
      priority,
      runAt ?? now,
      mostAttempts,
      now,
    ) as { id: number };
    return String(id);
  };

  const signIn = (worker: string): void =>
    void change(
      "insert into workers (id, seen_at) values (?, ?) on conflict (id) do update set seen_at = excluded.seen_at",
      worker,
      clock(),
    );
  const beat = (worker: string): boolean => change("update workers set seen_at = ? where id = ?", clock(), worker) > 0;

  const due = `${waiting} and run_at <= ? and name in (select value from json_each(?))
    and (queue is null or not exists (select 1 from jobs other where other.worker is not null and other.queue = jobs.queue))`;

  /** A job whose key has another waiting goes: the other does its work. */
  const dropReplaced = (condition: string, ...values: unknown[]): number =>
    change(
      `delete from jobs where ${condition} and key is not null and exists (select 1 from jobs twin
        where twin.name = jobs.name and twin.key = jobs.key and twin.worker is null and twin.failed_at is null
          and twin.id <> jobs.id)`,
      ...values,
    );

  const take = ({ worker, names, most, fresh }: Take): readonly TakenJob[] => {
    const list = JSON.stringify(names);
    if (row(`select 1 from jobs where ${due} limit 1`, clock(), list) === undefined) return [];
    return atomically(() => {
      if (fresh) signIn(worker);
      else if (!beat(worker)) return [];
      const taken: TakenJob[] = [];
      while (taken.length < most) {
        const next = row(
          `update jobs set worker = ?, started_at = ?, attempts = attempts + 1
          where id = (select id from jobs where ${due} order by priority, run_at, id limit 1) returning *`,
          worker,
          clock(),
          clock(),
          list,
        ) as JobRow | undefined;
        if (next === undefined) break;
        const { id, name, payload, attempts } = next;
        taken.push({ id: String(id), name, payload: JSON.parse(payload) as unknown, attempt: attempts });
      }
      return taken;
    });
  };

  const fail = (worker: string, { id }: TakenJob, failure: JobFailure, retryInMs: number | null): void =>
    atomically(() => {
      const own = [Number(id), worker];
      if (dropReplaced("id = ? and worker = ?", ...own) > 0) return;
      const now = clock();
      change(
        `update jobs set worker = null, started_at = null, failure = ?, run_at = ?, failed_at = ?,
          most_attempts = max(most_attempts, attempts + ?) where id = ? and worker = ?`,
        JSON.stringify(failure),
        now + (retryInMs ?? 0),
        retryInMs === null ? now : null,
        retryInMs === null ? 0 : 1,
        ...own,
      );
    });

  const putBack = (worker: string, id: number): void => {
    if (dropReplaced("id = ? and worker = ?", id, worker) > 0) return;
    change(
      "update jobs set worker = null, started_at = null, attempts = attempts - 1 where id = ? and worker = ?",
      id,
      worker,
    );
  };
  const giveBack = (worker: string, { id }: TakenJob): void => atomically(() => putBack(worker, Number(id)));
  const keepOnly = (worker: string, ids: readonly string[]): void =>
    atomically(() => {
      const held = rows("select id from jobs where worker = ?", worker) as readonly { id: number }[];
      for (const { id } of held) if (!ids.includes(String(id))) putBack(worker, id);
    });

  /** A try that nobody ended counts as one, so that a job which kills its server is not begun for ever. */
  const recover = (leaseMs: number): number => {
    const before = clock() - leaseMs;
    if (row("select 1 from workers where seen_at < ? limit 1", before) === undefined) return 0;
    return atomically(() => {
      const now = clock();
      const gone = "select id from jobs where worker in (select id from workers where seen_at < ?)";
      for (const { id } of rows(gone, before) as readonly { id: number }[]) {
        if (dropReplaced("id = ?", id) > 0) continue;
        change(
          `update jobs set worker = null, started_at = null, failure = ?,
            failed_at = iif(attempts >= most_attempts, ?, null) where id = ?`,
          JSON.stringify(lost),
          now,
          id,
        );
      }
      return change("delete from workers where seen_at < ?", before);
    });
  };

  const tick = ({ everyMs, firstMs, delayMs, job }: Tick): number => {
    const now = clock();
    const nextAt = (): number | undefined =>
      (row("select next_at from schedules where name = ?", job.name) as { next_at: number } | undefined)?.next_at;
    const settledAt = nextAt();
    if (settledAt !== undefined && settledAt > now && settledAt <= now + Math.max(everyMs, firstMs)) {
      return settledAt - now;
    }
    return atomically(() => {
      const at = Math.min(nextAt() ?? now + firstMs, now + Math.max(everyMs, firstMs));
      const fires = at <= now;
      const next = fires ? at + everyMs * (Math.floor((now - at) / everyMs) + 1) : at;
      change(
        "insert into schedules (name, next_at) values (?, ?) on conflict (name) do update set next_at = excluded.next_at",
        job.name,
        next,
      );
      if (fires) addOne({ ...job, runAt: now + delayMs });
      return next - now;
    });
  };

  const list = ({ state, name, limit, cursor }: Required<Pick<ListJobs, "limit">> & ListJobs): JobPage => {
    const found = (
      rows(
        `select * from jobs where id > ? and (? is null or name = ?) ${state === undefined ? "" : `and ${states[state]}`}
      order by id limit ?`,
        Number(cursor ?? 0),
        name ?? null,
        name ?? null,
        limit + 1,
      ) as readonly JobRow[]
    ).map(recordOf);
    const jobs = found.slice(0, limit);
    return { jobs, cursor: found.length > limit ? (jobs.at(-1)?.id ?? null) : null };
  };

  const counts = (): readonly JobCounts[] => {
    const now = clock();
    return rows(
      `select name,
        sum(${waiting}) waiting, sum(${waiting} and run_at <= ?) due,
        sum(worker is not null) running, sum(failed_at is not null) failed,
        ? - min(iif(${waiting} and run_at <= ?, run_at, null)) oldestDueMs
      from jobs group by name order by name`,
      now,
      now,
      now,
    ) as readonly JobCounts[];
  };

  return {
    add: (jobs: readonly NewJob[]) => atomically(() => jobs.map(addOne)),
    take,
    dueIn: (names: readonly string[]): number | null => {
      const now = clock();
      const { at } = row(
        `select min(run_at) at from jobs where ${waiting} and run_at > ? and name in (select value from json_each(?))`,
        now - justDueMs,
        JSON.stringify(names),
      ) as { at: number | null };
      return at === null ? null : Math.max(0, at - now);
    },
    complete: (worker: string, { id }: TakenJob) =>
      void change("delete from jobs where id = ? and worker = ?", Number(id), worker),
    fail,
    giveBack,
    keepOnly,
    beat,
    leave: (worker: string) =>
      void change(
        "delete from workers where id = ? and not exists (select 1 from jobs where worker = workers.id)",
        worker,
      ),
    recover,
    tick,
    prune: (keepMs: number) => void change("delete from jobs where failed_at < ?", clock() - keepMs),
    list,
    counts,
    retry: (id: number): boolean =>
      atomically(() => {
        if (dropReplaced("id = ? and failed_at is not null", id) > 0) return true;
        return (
          change(
            "update jobs set failed_at = null, attempts = 0, run_at = ? where id = ? and worker is null",
            clock(),
            id,
          ) > 0
        );
      }),
    remove: (id: number): boolean => change("delete from jobs where id = ? and worker is null", id) > 0,
  };
};
