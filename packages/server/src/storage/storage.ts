/**
 * Where a server keeps what it is told: the engine of memories, the directory of spaces, the queue of jobs, and the
 * leases on work that one server does at a time. Files of one folder, or a PostgreSQL that many servers share.
 */
import type { KeptAnswers } from "@cairn/directory/kept-answers";
import type { DirectoryDatabase } from "@cairn/directory/database/directory-database";
import type { LimitCounters } from "@cairn/directory/limits/limit-counters";
import type { SpaceDirectory } from "@cairn/directory/space-directory";
import type { JobType } from "@cairn/jobs/job-type";
import type { Jobs } from "@cairn/jobs/jobs";
import type { Engine } from "@cairn/memory/space/engine";
import type { Figures } from "@cairn/operations/context";
import type { JobFailed } from "@cairn/jobs/worker";
import type { TakeLease } from "../jobs/lease.ts";

export interface JobsTold {
  /** Of an attempt that failed, and of what is wrong with the queue itself. */
  readonly jobFailed?: (job: JobFailed, error: unknown) => void;
  readonly failed?: (error: unknown) => void;
}

export interface Storage {
  readonly engine: Engine;
  readonly directory: SpaceDirectory;
  /** All else that the directory knows is queries over this. */
  readonly directoryDatabase: DirectoryDatabase;
  /** Opened once, by who limits calls, who also closes them. */
  readonly limitCounters: () => LimitCounters;
  /** To requests that come with an Idempotency-Key. */
  readonly answers: KeptAnswers;
  /** Once; nothing runs before the jobs are started. */
  readonly openJobs: (types: readonly JobType[], told: JobsTold) => Jobs;
  readonly lease: TakeLease;
  /** Whether leases end with the process that holds them, so that one of many servers can lead the others. */
  readonly leads: boolean;
  /** Of the memory that holds the vectors of spaces in use (ENG-6). */
  readonly poolFigures: () => Figures;
  /** Of the connections to a database, by name; null where there is none. */
  readonly databaseFigures: (() => Figures) | null;
  /** Rejects with a coded error while the storage cannot be used. */
  readonly check: () => Promise<unknown>;
  /** What the greeting says of where memories are. */
  readonly place: string;
  readonly close: () => Promise<void>;
}
