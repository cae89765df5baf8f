/**
 * The cloud engine (ENG-2): all spaces in the tables of one PostgreSQL, each behind row-level security, and the same
 * search as the embedded engine over what a server keeps of them in memory. Servers hold nothing that is not in the
 * database: any number of them serve it together.
 *
 * Work runs on threads, a space pinned to one; `threads: 0` runs it in the calling thread, for short-lived commands and
 * for tests that set the clock. The database must have been brought up to date first (migrate.ts).
 */
import { type Clock, wallClock } from "@cairn/kernel/clock";
import { workerFile } from "@cairn/kernel/worker-file";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { tuning } from "@cairn/memory/recall/tuning";
import { openThreadedEngine, type ThreadedEngine } from "@cairn/store/threads/threaded-engine";
import type { PoolOptions } from "./connection/pool.ts";
import { reads } from "./read/reads.ts";
import { type DispatcherOptions, makeDispatcher } from "./worker/dispatcher.ts";
import { writes } from "./worker/requests.ts";

export interface PostgresEngineOptions {
  readonly url: string;
  /** The model whose vectors writers bring. */
  readonly model: EmbeddingModel;
  readonly threads?: number;
  /** Connections at most, of all threads. */
  readonly connections?: number;
  /** Spaces whose indexes a thread keeps, and the bytes that these take. */
  readonly openSpaces?: number;
  readonly indexBytes?: number;
  readonly keptFrom?: number;
  /** Spaces of so many texts are moved to where the database can search them (recall/large/). */
  readonly largeFrom?: number;
  /** A space that became large is moved when it was not written to for so long. */
  readonly largeQuietMs?: number;
  /** Whether a large space's index is read into memory where there is room for it; absent: yes. */
  readonly projectLarge?: boolean;
  /** Of an account that may act as the owner of the tables; absent: `url`. Null: no space is moved by this server. */
  readonly ownerUrl?: string | null;
  readonly vectorPoolBytes?: number;
  /** There are other databases to which spaces are moved (docs/cells.md). */
  readonly isCell?: boolean;
  readonly limits?: Pick<PoolOptions, "statementMs" | "waitMs" | "lockMs">;
  /** Only without threads. */
  readonly clock?: Clock;
}

export const openPostgresEngine = ({
  url,
  model,
  threads = 1,
  connections = 10,
  openSpaces = 256,
  indexBytes = 2 ** 29,
  keptFrom = 256,
  largeFrom = tuning.largeSpace,
  largeQuietMs = 30_000,
  projectLarge = true,
  ownerUrl = url,
  vectorPoolBytes = 2 ** 30,
  isCell = false,
  limits = {},
  clock = wallClock,
}: PostgresEngineOptions): ThreadedEngine => {
  const runners = Math.max(1, threads);
  const options: DispatcherOptions = {
    url,
    model,
    connections: Math.max(2, Math.ceil(connections / runners)),
    openSpaces,
    indexBytes: indexBytes / runners,
    keptFrom,
    largeFrom,
    largeQuietMs,
    projectLarge,
    ownerUrl,
    isCell,
    limits,
  };
  return openThreadedEngine({
    threads,
    openSpaces,
    vectorPoolBytes,
    entry: workerFile(import.meta.url, "./worker/postgres-worker.ts"),
    workerData: options,
    makeDispatcher: (seat) => makeDispatcher({ ...options, ...seat }, clock),
    reads: [...Object.keys(reads), "recall"],
    writes: Object.keys(writes),
  });
};
