/** Everything in the files of one data folder, shared by the processes of one machine. */
import { join } from "node:path";
import { openSqliteDatabase } from "@cairn/directory/database/sqlite-database";
import { openSqliteLimitCounters } from "@cairn/directory/limits/sqlite-limit-counters";
import { defaultSpaceId } from "@cairn/directory/space-directory";
import { openSqliteKeptAnswers } from "@cairn/directory/sqlite-kept-answers";
import { spacesOver } from "@cairn/directory/spaces-over";
import { openSqliteJobs } from "@cairn/jobs/sqlite-jobs";
import { wallClock } from "@cairn/kernel/clock";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { openSqliteEngine } from "@cairn/store-sqlite/engine";
import { openLeases } from "../jobs/lease.ts";
import type { Settings } from "../settings.ts";
import type { Storage } from "./storage.ts";

type FileSettings = Pick<Settings, "data" | "vectorPoolBytes">;

/** Opens nothing before it is asked for. */
export const openFileStorage = (
  { data, vectorPoolBytes }: FileSettings,
  model: EmbeddingModel,
  threads: number,
): Storage => {
  const database = openSqliteDatabase({ file: join(data, "directory.db") });
  const directory = { ...spacesOver(database, wallClock), close: database.close };
  const answers = openSqliteKeptAnswers({ file: join(data, "directory.db") });
  const engine = openSqliteEngine({ folder: data, model, threads, vectorPoolBytes });
  return {
    engine,
    directory,
    directoryDatabase: database,
    limitCounters: () => openSqliteLimitCounters({ file: join(data, "limits.db") }),
    answers,
    openJobs: (types, told) => openSqliteJobs({ file: join(data, "jobs.db"), types, ...told }),
    lease: openLeases(join(data, "leases")),
    leads: false,
    poolFigures: () => ({ ...engine.poolFigures() }),
    databaseFigures: null,
    check: () => directory.resolve(defaultSpaceId),
    place: data,
    close: async () => {
      await engine.close();
      await Promise.all([directory.close(), answers.close()]);
    },
  };
};
