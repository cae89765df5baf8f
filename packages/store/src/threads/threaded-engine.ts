/**
 * An engine whose work runs on threads, a space pinned to one, so that no question blocks the caller's event loop.
 * Without threads it runs where it is called, for short-lived commands and for tests that set the clock.
 */
import { CairnError } from "@cairn/kernel/error";
import type { Actor, CheckFinding, Engine, SpaceReader, SpaceWriter } from "@cairn/memory/space/engine";
import { makePool, type PoolFigures } from "../arena/pool.ts";
import { makeReaders } from "./readers.ts";
import type { Dispatcher, Seat } from "./request.ts";
import { makeSeating } from "./seating.ts";
import { startThread } from "./thread.ts";

export interface ThreadedEngineOptions {
  readonly threads: number;
  /** Spaces that the engine keeps open at once. */
  readonly openSpaces: number;
  /** Bytes for the vectors of hot spaces, in one memory for all threads. */
  readonly vectorPoolBytes: number;
  /** The program of a thread, and what it is given beside its seat. */
  readonly entry: URL;
  readonly workerData: object;
  /** Does the same in the calling thread. */
  readonly makeDispatcher: (seat: Seat) => Dispatcher;
  /** Names of the methods that the dispatcher serves. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

export interface ThreadedEngine extends Engine {
  /** What the pool of vectors holds and has done so far, read without asking a thread. */
  readonly poolFigures: () => PoolFigures;
}

type Call = (name: string, args: readonly unknown[]) => Promise<unknown>;

/** One function a name, each a call; the dispatcher's table of requests says what they take and give. */
const handle = (names: readonly string[], call: Call): unknown =>
  Object.fromEntries(names.map((name) => [name, (...args: readonly unknown[]) => call(name, args)]));

export const openThreadedEngine = ({
  threads,
  openSpaces,
  vectorPoolBytes,
  entry,
  workerData,
  makeDispatcher,
  reads,
  writes,
}: ThreadedEngineOptions): ThreadedEngine => {
  // A thread that dies may still have its seat when the one after it starts.
  const pool = makePool({ bytes: vectorPoolBytes, seats: 2 * Math.max(1, threads) });
  const readers = makeReaders();
  const runners: readonly Dispatcher[] =
    threads === 0
      ? [makeDispatcher({ seat: pool.join(), readers })]
      : Array.from({ length: threads }, () => startThread(entry, workerData, pool, readers));
  const seatOf = makeSeating(runners.length, openSpaces);
  let closed = false;
  const call = (space: string, actor: Actor | null, name: string, args: readonly unknown[]): Promise<unknown> => {
    const runner = runners[seatOf(space)];
    if (closed || runner === undefined)
      return Promise.reject(new CairnError("server.shutting_down", "The engine is closed."));
    return runner.run({ space, name, actor, args });
  };
  return {
    read: (space) => handle(reads, (name, args) => call(space, null, name, args)) as SpaceReader,
    write: (space, actor) => handle(writes, (name, args) => call(space, actor, name, args)) as SpaceWriter,
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
