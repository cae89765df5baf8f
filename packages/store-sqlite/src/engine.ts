/**
 * The embedded engine (ENG-1): one SQLite file a space, the rows, vectors, terms, entities and log of a write in one
 * durable transaction, and an exact search over memory that follows the files. Several processes may use one folder.
 *
 * SQLite's work runs on threads, a space pinned to one, so that no query blocks the caller's event loop; `threads: 0`
 * runs it in the calling thread, for short-lived commands and for tests that set the clock.
 */
import { type Clock, wallClock } from "@cairn/kernel/clock";
import { workerFile } from "@cairn/kernel/worker-file";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import { openThreadedEngine, type ThreadedEngine } from "@cairn/store/threads/threaded-engine";
import { type DispatcherOptions, makeDispatcher } from "./worker/dispatcher.ts";
import { reads, writes } from "./worker/requests.ts";

export interface SqliteEngineOptions {
  /** The data folder; files lie in its `spaces` folder, made on first use. */
  readonly folder: string;
  /** The model whose vectors writers bring. */
  readonly model: EmbeddingModel;
  readonly threads?: number;
  readonly openSpaces?: number;
  /** Bytes for the vectors of hot spaces, in one memory for all threads; what does not fit is read from the files. */
  readonly vectorPoolBytes?: number;
  /** Only without threads. */
  readonly clock?: Clock;
}

export type SqliteEngine = ThreadedEngine;

export const openSqliteEngine = ({
  folder,
  model,
  threads = 1,
  openSpaces = 64,
  vectorPoolBytes = 2 ** 30,
  clock = wallClock,
}: SqliteEngineOptions): SqliteEngine => {
  const options: DispatcherOptions = { folder, model, openSpaces };
  return openThreadedEngine({
    threads,
    openSpaces,
    vectorPoolBytes,
    entry: workerFile(import.meta.url, "./worker/storage-worker.ts"),
    workerData: options,
    makeDispatcher: (seat) => makeDispatcher({ ...options, ...seat }, clock),
    reads: Object.keys(reads),
    writes: Object.keys(writes),
  });
};
