/** Puts together what operations need: the one place that chooses the embedder, the engine and the directory. */
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { wallClock } from "@cairn/kernel/clock";
import { CairnError, toCairnError } from "@cairn/kernel/error";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { limits } from "@cairn/memory/memory/memory";
import type { JobType } from "@cairn/jobs/job-type";
import type { Jobs } from "@cairn/jobs/jobs";
import type { Services } from "@cairn/operations/context";
import { type Access, openAccess } from "./access/open-access.ts";
import { openEmbedders } from "./embedding/open-embedders.ts";
import { answerJobs } from "./jobs/answer-jobs.ts";
import { sweepJobs } from "./jobs/sweep-jobs.ts";
import { startVectorJob, type VectorJob, type VectorJobOptions } from "./jobs/vectors.ts";
import type { Settings } from "./settings.ts";
import { openFileStorage } from "./storage/file-storage.ts";
import { forgetfulEngine } from "./storage/forgetful-engine.ts";
import type { JobsTold, Storage } from "./storage/storage.ts";
import { version } from "./version.ts";

/**
 * One core is left to the edges; a space is served by one thread, so more than a few help nobody. There are two even
 * on two cores: what keeps one busy, such as the opening of a large space, does not keep the other's tenants waiting.
 */
const storageThreads = Math.max(2, Math.min(4, availableParallelism() - 1));

const day = 86_400_000;
/** 0 days mean for good. */
const retention = (days: number): number => (days === 0 ? Number.POSITIVE_INFINITY : days * day);

const folderError = (folder: string, error: unknown): CairnError => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const options = { cause: error };
  if (code === "EROFS" || code === "EACCES" || code === "EPERM") {
    const hint = "Give yourself the right to write there, or choose another folder with CAIRN_DATA.";
    return new CairnError("storage.read_only", `The data folder ${folder} cannot be written.`, { hint }, options);
  }
  if (code === "ENOSPC") {
    const hint = "Free some space, or choose another folder with CAIRN_DATA.";
    return new CairnError("storage.full", `The disk of the data folder ${folder} is full.`, { hint }, options);
  }
  const hint = "Choose another folder with CAIRN_DATA.";
  return new CairnError(
    "storage.unavailable",
    `The data folder ${folder} cannot be made or opened.`,
    { hint },
    options,
  );
};

/** Memories are their owner's alone, whatever the umask says. */
const prepareFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw folderError(folder, error);
  }
};

export interface OpenServices extends Services {
  /** Makes missing vectors in the background until these services are closed; for processes that live long. */
  readonly startVectors: (told: Pick<VectorJobOptions, "failed" | "warn">) => VectorJob;
  /** The queue of background work, opened on first use; only servers start it. */
  readonly jobs: (told?: JobsTold, more?: readonly JobType[]) => Jobs;
  readonly access: Access;
  readonly storage: Pick<
    Storage,
    | "answers"
    | "check"
    | "databaseFigures"
    | "directory"
    | "directoryDatabase"
    | "limitCounters"
    | "lease"
    | "leads"
    | "place"
  >;
  /** Closes everything that was opened; doing so again is harmless. */
  readonly close: () => Promise<void>;
}

export type ServiceChoices = Omit<Settings, "allowedHosts" | "observe" | "shutdown" | "warnings">;

/** Servers wait for a database that starts at the same time; commands say at once that it is not there. */
const databasePatienceMs = 60_000;

const openStorage = async (
  settings: ServiceChoices,
  model: EmbeddingModel,
  threads: number,
  warn: (line: string) => void,
): Promise<Storage> => {
  if (settings.database === null) return openFileStorage(settings, model, threads);
  const { openDatabaseStorage } = await import("./storage/database-storage.ts");
  const patienceMs = threads === 0 ? 0 : databasePatienceMs;
  return openDatabaseStorage(settings.database, settings, model, threads, { patienceMs, warn });
};

/** What goes wrong without an error is told in lines for people. */
const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Throws storage.* for a folder that cannot be used, embedding.unavailable for a damaged installation and
 * config.invalid for an embedder that lacks a setting. With `threads: 0` SQLite works in this thread: right for a short
 * life in which nobody else waits.
 */
export const openServices = async (
  settings: ServiceChoices,
  threads = storageThreads,
  warn: (line: string) => void = toStderr,
  print: ((text: string) => void) | null = null,
): Promise<OpenServices> => {
  await prepareFolder(settings.data);
  const embedders = await openEmbedders(settings, { warn });
  await using opening = new AsyncDisposableStack();
  opening.defer(embedders.close);
  const { current: embedder } = embedders;
  const storage = await openStorage(settings, embedder.model, threads, warn);
  const { directory, answers } = storage;
  const access = openAccess({
    storage,
    engine: forgetfulEngine(storage.engine, answers),
    settings,
    clock: wallClock,
    failed: (error) => warn(`What happened could not be recorded: ${toCairnError(error).message}`),
    warn,
    print,
  });
  let vectors: VectorJob | undefined;
  let jobs: Jobs | undefined;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([vectors?.stop(), jobs?.close()]);
    await access.close();
    await storage.close();
    await embedders.close();
  };
  const services: OpenServices = {
    access,
    embedder,
    changesModels: !embedders.fallback,
    embedderOf: embedders.of,
    pairScorer: embedders.pairScorer,
    vectorsDue: (space) => vectors?.due(space),
    embeddingFigures: embedders.figures,
    poolFigures: storage.poolFigures,
    directory,
    ...access.services,
    clock: wallClock,
    settings: {
      instance: settings.instance,
      version,
      sessionRetentionMs: retention(settings.sessionRetentionDays),
      deletedRetentionMs: retention(settings.deletedRetentionDays),
      recallLimit: limits.recallLimit,
      embeddingDeadlineMs: settings.embedding.deadlineMs,
      rerank: settings.rerank,
    },
    startVectors: ({ warn: warnOfJob, ...told }) => {
      // A service's client tells of its outages itself, and at once.
      const line = warnOfJob === undefined || embedder.model.provider === "openai" ? {} : { warn: warnOfJob };
      return (vectors ??= startVectorJob(services, {
        ...told,
        ...line,
        lease: storage.lease,
        leads: storage.leads,
      }));
    },
    jobs: (told = {}, moreJobs = []) =>
      (jobs ??= storage.openJobs(
        [
          ...sweepJobs(services, { swept: (space) => access.noteJob(space, "jobs.sweep") }),
          ...answerJobs(answers),
          ...access.ledger.jobs(),
          ...moreJobs,
        ],
        told,
      )),
    storage,
    close: () => (closing ??= close()),
  };
  opening.move();
  return services;
};
