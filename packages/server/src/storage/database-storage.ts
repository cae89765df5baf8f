/**
 * Everything in a PostgreSQL that any number of servers share. Opening brings its tables up to date, under a lock, so
 * that of several servers that start at once one migrates and the others wait for it. Loaded only where a database is
 * set.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openPostgresLimitCounters } from "@cairn/directory/limits/postgres-limit-counters";
import { migrateDirectory } from "@cairn/directory/postgres-migrations";
import { openPostgresDatabase } from "@cairn/directory/database/postgres-database";
import { postgresKeptAnswers } from "@cairn/directory/postgres-kept-answers";
import { defaultSpaceId } from "@cairn/directory/space-directory";
import { spacesOver } from "@cairn/directory/spaces-over";
import { openPostgresJobs } from "@cairn/jobs/postgres-jobs";
import { openPostgresLeases } from "@cairn/jobs/postgres-leases";
import { migratePostgresJobs } from "@cairn/jobs/postgres-migrate";
import { wallClock } from "@cairn/kernel/clock";
import { isCairnError } from "@cairn/kernel/error";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Figures } from "@cairn/operations/context";
import { openPostgresEngine } from "@cairn/store-postgres/engine";
import { migrateMemory } from "@cairn/store-postgres/migrate";
import { openCells } from "../cells/open-cells.ts";
import type { DatabaseSettings, Settings } from "../settings.ts";
import { placeOf } from "./database-place.ts";
import type { Storage } from "./storage.ts";

type EngineSettings = Pick<Settings, "vectorPoolBytes">;

export interface DatabaseStorageOptions {
  /** How long a database that cannot be reached yet is waited for, milliseconds. */
  readonly patienceMs: number;
  readonly warn: (line: string) => void;
}

const isAway = (error: unknown): boolean => isCairnError(error) && error.code === "storage.unavailable";

/** Databases and servers start together, and who is first waits. */
const whenReachable = async (
  work: () => Promise<void>,
  { patienceMs, warn }: DatabaseStorageOptions,
): Promise<void> => {
  const until = performance.now() + patienceMs;
  for (let wait = 250; ; wait = Math.min(4_000, wait * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || performance.now() + wait > until) throw error;
      if (wait === 250) warn("The database cannot be reached yet; waiting for it.");
      await sleep(wait);
    }
  }
};

const leastConnections = 4;
const leastPoolBytes = 16 * 2 ** 20;

const sumOf = (all: readonly Figures[]): Figures => {
  const sum: Record<string, number> = {};
  for (const figures of all) for (const [name, value] of Object.entries(figures)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
};

/** Throws storage.*, config.invalid for an account that may not do what it must, storage.newer. */
export const openDatabaseStorage = async (
  { url, migrationUrl, connections, cells }: DatabaseSettings,
  { vectorPoolBytes }: EngineSettings,
  model: EmbeddingModel,
  threads: number,
  options: DatabaseStorageOptions,
): Promise<Storage> => {
  await whenReachable(async () => {
    for (const cell of [migrationUrl, ...Object.values(cells)]) await migrateMemory({ url: cell });
    await migrateDirectory({ url: migrationUrl });
    await migratePostgresJobs(migrationUrl);
  }, options);
  const database = openPostgresDatabase({ url });
  const directory = { ...spacesOver(database, wallClock), close: database.close };
  // Each cell has an engine of its own, with its share of what this server may use.
  const share = 1 + Object.keys(cells).length;
  const engine = openCells({
    cells,
    default: url,
    directory,
    open: (cell) =>
      openPostgresEngine({
        url: cell,
        ownerUrl: cell === url ? migrationUrl : cell,
        model,
        threads,
        connections: Math.max(leastConnections, Math.floor(connections / share)),
        vectorPoolBytes: Math.max(leastPoolBytes, Math.floor(vectorPoolBytes / share)),
        isCell: true,
      }),
  });
  const leases = openPostgresLeases(url);
  return {
    engine,
    directory,
    directoryDatabase: database,
    limitCounters: () => openPostgresLimitCounters({ url }),
    answers: postgresKeptAnswers(database),
    openJobs: (types, told) => openPostgresJobs({ url, types, ...told }),
    lease: leases.take,
    leads: true,
    poolFigures: () => sumOf(engine.opened().map((cell) => ({ ...cell.poolFigures() }))),
    databaseFigures: () => {
      const { asked, hearing, remembered } = database.figures();
      return { directoryQuestions: asked, directoryHearing: hearing ? 1 : 0, directoryRemembered: remembered };
    },
    // One question to each side: what the directory remembers would not notice that the database is gone.
    check: () => Promise.all([directory.page({ limit: 1 }), engine.read(defaultSpaceId).vectorState()]),
    place: placeOf(url),
    close: async () => {
      await engine.close();
      await Promise.all([directory.close(), leases.close()]);
    },
  };
};
