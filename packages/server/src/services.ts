/** Puts together what operations need: the one place that chooses the embedder, the engine and the directory. */
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openSpaceDirectory } from "@cairn/directory/sqlite-space-directory";
import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import { wallClock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { limits } from "@cairn/memory/memory/memory";
import type { Services } from "@cairn/operations/context";
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import type { Settings } from "./settings.ts";
import { version } from "./version.ts";

/** One core is left to the edges; a space is served by one thread, so more than a few help nobody. */
const storageThreads = Math.max(1, Math.min(4, availableParallelism() - 1));

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
  /** Closes everything that was opened; doing so again is harmless. */
  readonly close: () => Promise<void>;
}

export type ServiceChoices = Pick<Settings, "data" | "instance" | "sessionRetentionDays" | "deletedRetentionDays">;

/**
 * Throws storage.* for a folder that cannot be used and embedding.unavailable for a damaged installation. With
 * `threads: 0` SQLite works in this thread: right for a short life in which nobody else waits.
 */
export const openServices = async (settings: ServiceChoices, threads = storageThreads): Promise<OpenServices> => {
  await prepareFolder(settings.data);
  const embedder = makeStaticEmbedder();
  const directory = openSpaceDirectory({ file: join(settings.data, "directory.db") });
  const engine = openSqliteEngine({ folder: settings.data, model: embedder.model, threads });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await engine.close();
    await Promise.all([directory.close(), embedder.close()]);
  };
  return {
    engine,
    embedder,
    directory,
    clock: wallClock,
    settings: {
      instance: settings.instance,
      version,
      sessionRetentionMs: retention(settings.sessionRetentionDays),
      deletedRetentionMs: retention(settings.deletedRetentionDays),
      recallLimit: limits.recallLimit,
    },
    close: () => (closing ??= close()),
  };
};
