/** What crosses to a storage thread, and who answers it there. */
import type { Actor } from "@cairn/memory/space/engine";
import type { PoolSeat } from "../arena/pool.ts";
import type { Readers } from "./readers.ts";

export interface Request {
  readonly space: string;
  /** A method of the engine port. */
  readonly name: string;
  /** Null for what is not a write. */
  readonly actor: Actor | null;
  readonly args: readonly unknown[];
}

export interface Dispatcher {
  readonly run: (request: Request) => Promise<unknown>;
  /** Finishes the writes under way, then closes whatever is open. */
  readonly close: () => Promise<void>;
}

/** What every storage thread is given: its seat in the pool of vectors, and how many questions wait in the process. */
export interface Seat {
  readonly seat: PoolSeat;
  readonly readers: Readers;
}
