/**
 * The data folder, opened for one command. Several processes share it safely, so no server needs to run. A short life
 * decides two things: SQLite works in this thread, because nobody else waits for it, and no worker starts before a
 * large batch comes.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openSpaceDirectory } from "@cairn/directory/sqlite-space-directory";
import { makeStaticEmbedder } from "@cairn/embed/static/static-embedder";
import { wallClock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import { limits } from "@cairn/memory/memory/memory";
import type { Caller, Services } from "@cairn/operations/context";
import type { Operation } from "@cairn/operations/operation";
import { makePipeline, singleUserAuthority } from "@cairn/operations/pipeline";
import { readSettings, type Settings, type SettingsFlags } from "@cairn/server/settings";
import type { Machine } from "@cairn/server/settings/data-folder";
import { version } from "@cairn/server/version";
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import type { z } from "zod";

export interface Local extends AsyncDisposable {
  readonly settings: Settings;
  readonly services: Services;
  /** Calls an operation as the person at this machine. */
  readonly call: <In extends z.ZodType, Out extends z.ZodType>(
    operation: Operation<In, Out>,
    input: unknown,
  ) => Promise<z.output<Out>>;
}

const day = 86_400_000;
const retention = (days: number): number => (days === 0 ? Number.POSITIVE_INFINITY : days * day);

const prepareFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const denied = ["EROFS", "EACCES", "EPERM"].includes(code);
    throw new CairnError(
      denied ? "storage.read_only" : code === "ENOSPC" ? "storage.full" : "storage.unavailable",
      `The data folder ${folder} cannot be made or opened.`,
      { hint: "Choose another folder with --data or CAIRN_DATA, or mend this one." },
      { cause: error },
    );
  }
};

/** Services on a data folder, for as long as one command runs. Throws storage.* and embedding.unavailable. */
export const openLocalServices = async (settings: Settings): Promise<Services & AsyncDisposable> => {
  await prepareFolder(settings.data);
  await using opened = new AsyncDisposableStack();
  const embedder = opened.adopt(makeStaticEmbedder(), (made) => made.close());
  const directory = opened.adopt(openSpaceDirectory({ file: join(settings.data, "directory.db") }), (made) =>
    made.close(),
  );
  const engine = opened.adopt(openSqliteEngine({ folder: settings.data, model: embedder.model, threads: 0 }), (made) =>
    made.close(),
  );
  const owned = opened.move();
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
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};

export const openLocal = async (flags: SettingsFlags, machine: Machine): Promise<Local> => {
  const settings = await readSettings(flags, machine);
  const services = await openLocalServices(settings);
  const pipeline = makePipeline(services, singleUserAuthority, () => undefined);
  const { instance } = settings;
  return {
    settings,
    services,
    call: (operation, input) => {
      const caller: Caller = { principal: "local", instance, requestId: newId(), edge: "cli", defaultSpace: "default" };
      return pipeline.call(operation, caller, input);
    },
    [Symbol.asyncDispose]: () => services[Symbol.asyncDispose](),
  };
};
