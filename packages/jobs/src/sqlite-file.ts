/**
 * Opens the file of jobs, `jobs.db`, so that several processes can use it at once, and brings its tables up to date:
 * `user_version` counts the steps taken, each in the transaction that counts it. What a newer version wrote is refused.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { CairnError } from "@cairn/kernel/error";
import Database from "better-sqlite3-multiple-ciphers";

export type Sqlite = Database.Database;

/** SQLite waits in this thread, so it waits shortly and callers try again; only opening may take longer. */
const briefMillis = 20;
const openMillis = 5_000;

/** Never change a step that was released; add one. Times are milliseconds since 1970 UTC. */
export const steps: readonly string[] = [
  `
  -- waiting: worker and failed_at null. running: worker given. failed for good: failed_at given.
  create table jobs (
    id integer primary key autoincrement,
    name text not null,
    payload text not null,
    key text,
    queue text,
    priority integer not null,
    run_at integer not null,
    attempts integer not null default 0,
    most_attempts integer not null,
    failure text,
    created_at integer not null,
    worker text,
    started_at integer,
    failed_at integer
  ) strict;
  create index jobs_waiting on jobs (priority, run_at, id) where worker is null and failed_at is null;
  create unique index jobs_key on jobs (name, key) where key is not null and worker is null and failed_at is null;
  create index jobs_failed_key on jobs (name, key) where key is not null and failed_at is not null;
  create index jobs_running on jobs (worker) where worker is not null;
  create index jobs_queue on jobs (queue) where worker is not null and queue is not null;
  create index jobs_failed on jobs (failed_at) where failed_at is not null;
  -- Processes that hold jobs, and when they were last heard of.
  create table workers (id text not null primary key, seen_at integer not null) strict;
  create table schedules (name text not null primary key, next_at integer not null) strict;
  `,
];

const versionOf = (database: Sqlite): number => Number(database.pragma("user_version", { simple: true }));

const migrate = (database: Sqlite): void => {
  const refuseNewer = (version: number): void => {
    if (version > steps.length) {
      throw new CairnError("storage.newer", "The file jobs.db was written by a newer version of Cairn. Update Cairn.");
    }
  };
  refuseNewer(versionOf(database));
  if (versionOf(database) === steps.length) return;
  database
    .transaction(() => {
      // Another process may have done it between the look before and the lock.
      const version = versionOf(database);
      refuseNewer(version);
      for (const step of steps.slice(version)) database.exec(step);
      database.pragma(`user_version = ${steps.length}`);
    })
    .immediate();
};

export const openJobsFile = (file: string): Sqlite => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new Database(file, { timeout: openMillis });
  try {
    database.pragma("journal_mode = wal");
    database.pragma("synchronous = full");
    migrate(database);
    database.pragma(`busy_timeout = ${briefMillis}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};
