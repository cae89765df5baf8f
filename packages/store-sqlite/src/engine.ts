/**
 * The embedded engine (ENG-1): one SQLite file a space, the rows, vectors, terms, entities and log of a write in one
 * durable transaction, and an exact search over memory that follows the files. Several processes may use one folder.
 *
 * SQLite's work runs on threads, a space pinned to one, so that no query blocks the caller's event loop; `threads: 0`
 * runs it in the calling thread, for short-lived commands and for tests that set the clock.
 */
import { type Clock, wallClock } from "@cairn/kernel/clock";
import { CairnError } from "@cairn/kernel/error";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { Actor, CheckFinding, Engine, SpaceReader, SpaceWriter } from "@cairn/memory/space/engine";
import { makePool, type PoolFigures } from "./arena/pool.ts";
import { type DispatcherOptions, makeDispatcher, type Request } from "./worker/dispatcher.ts";
import { makeReaders } from "./worker/readers.ts";
import { reads, writes } from "./worker/requests.ts";
import { makeSeating } from "./worker/seating.ts";
import { startThread } from "./worker/thread.ts";

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

export interface SqliteEngine extends Engine {
  /** What the pool of vectors holds and has done so far, read without asking a thread. */
  readonly poolFigures: () => PoolFigures;
}

interface Runner {
  readonly run: (request: Request) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

type Call = (name: string, args: readonly unknown[]) => Promise<unknown>;

/** One function a name, each a call; the table of requests says what they take and give. */
const handle = (names: readonly string[], call: Call): unknown =>
  Object.fromEntries(names.map((name) => [name, (...args: readonly unknown[]) => call(name, args)]));

export const openSqliteEngine = ({
  folder,
  model,
  threads = 1,
  openSpaces = 64,
  vectorPoolBytes = 2 ** 30,
  clock = wallClock,
}: SqliteEngineOptions): SqliteEngine => {
  const options: DispatcherOptions = { folder, model, openSpaces };
  // A thread that dies may still have its seat when the one after it starts.
  const pool = makePool({ bytes: vectorPoolBytes, seats: 2 * Math.max(1, threads) });
  const readers = makeReaders();
  const runners: readonly Runner[] =
    threads === 0
      ? [makeDispatcher({ ...options, seat: pool.join(), readers }, clock)]
      : Array.from({ length: threads }, () => startThread(options, pool, readers));
  const seatOf = makeSeating(runners.length, openSpaces);
  let closed = false;
  const call = (space: string, actor: Actor | null, name: string, args: readonly unknown[]): Promise<unknown> => {
    const runner = runners[seatOf(space)];
    if (closed || runner === undefined)
      return Promise.reject(new CairnError("server.shutting_down", "The engine is closed."));
    return runner.run({ space, name, actor, args });
  };
  const readNames = Object.keys(reads);
  const writeNames = Object.keys(writes);
  return {
    read: (space) => handle(readNames, (name, args) => call(space, null, name, args)) as SpaceReader,
    write: (space, actor) => handle(writeNames, (name, args) => call(space, actor, name, args)) as SpaceWriter,
    create: async (space) => void (await call(space, null, "create", [])),
    drop: async (space) => void (await call(space, null, "drop", [])),
    check: async (space) => (await call(space, null, "check", [])) as readonly CheckFinding[],
    repair: async (space) => (await call(space, null, "repair", [])) as readonly CheckFinding[],
    poolFigures: pool.figures,
    close: async () => {
      closed = true;
      await Promise.all(runners.map((runner) => runner.close()));
    },
  };
};
