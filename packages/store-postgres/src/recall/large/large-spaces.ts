/**
 * The large spaces of one storage thread: which of them are answered from the database, which are being read into
 * memory, and which are being moved. In the background one space is moved and one read at a time.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { RecallAnswer, RecallQuery } from "@cairn/memory/recall/query";
import type { Connection, PostgresPool } from "../../connection/pool.ts";
import type { Projections } from "../../space/projections.ts";
import { leaveLarge, moveSpace } from "./move.ts";
import { recallLarge } from "./recall-large.ts";

export interface LargeOptions {
  readonly pool: PostgresPool;
  readonly projections: Projections;
  readonly model: EmbeddingModel;
  /** Of an account that may act as the owner of the tables; null: no space is moved. */
  readonly ownerUrl: string | null;
  /** Spaces of so many texts are large. */
  readonly largeFrom: number;
  /** A space that became large is moved when nothing was written to it for so long: an import would wait for its index. */
  readonly quietMs: number;
  /** Whether large spaces are read into memory, where there is room. */
  readonly projectLarge: boolean;
  /** Of all indexes that are kept in memory. */
  readonly mostBytes: number;
  /** A read transaction of a space in which all statements see one state. */
  readonly look: <T>(space: string, work: (connection: Connection) => Promise<T>) => Promise<T>;
}

export interface LargeSpaces {
  /** How many texts a space has that is large and not in memory; null for all others. */
  readonly mayNeed: (connection: Connection, space: string) => Promise<number | null>;
  /** The answer to a question to such a space; null where only a projection can give it. */
  readonly ask: (space: string, query: RecallQuery, texts: number) => Promise<RecallAnswer | null>;
  /** After a write: how many texts the space has now. */
  readonly noteTexts: (space: string, texts: number) => void;
  /** Before a space goes. */
  readonly leave: (space: string, forGood: boolean) => Promise<void>;
  /** Until nothing is being moved or read. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A space that was found small is not looked at again for so long; nor is one moved that could not be. */
const restMs = 60_000;
const mostRemembered = 10_000;
const longestGoodbyeMs = 2_000;
/** About what a document of an index takes beside its vectors. */
const bytesPerDocument = 700;

/** Runs one piece of work after the other, each space's once however often it is asked for meanwhile. */
const makeQueue = () => {
  const due = new Map<string, () => Promise<unknown>>();
  let running: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    for (const [space, work] of due) {
      // What fails is asked for again by the next question or write.
      await work().catch(() => undefined);
      due.delete(space);
    }
    running = null;
  };
  return {
    add: (space: string, work: () => Promise<unknown>): void => {
      if (due.has(space)) return;
      due.set(space, work);
      running ??= run();
    },
    settled: async () => running,
  };
};

/** Spaces that are left alone for a while. */
const makeResting = () => {
  const until = new Map<string, number>();
  return {
    add: (space: string): void => {
      if (until.size >= mostRemembered) until.clear();
      until.set(space, Date.now() + restMs);
    },
    has: (space: string): boolean => (until.get(space) ?? 0) > Date.now(),
  };
};

export const makeLargeSpaces = (options: LargeOptions): LargeSpaces => {
  const { pool, projections, model, ownerUrl, largeFrom, quietMs, projectLarge, mostBytes, look } = options;
  const moving = makeQueue();
  const reading = makeQueue();
  let closed = false;
  const small = makeResting();
  const unmoved = makeResting();

  const move = (space: string): void => {
    if (ownerUrl === null || closed || unmoved.has(space)) return;
    const moved = { pool, ownerUrl, largeFrom };
    moving.add(space, async () => {
      const done = await moveSpace(moved, space, () => closed).catch(() => false);
      if (!done) unmoved.add(space);
    });
  };

  const quiet = new Map<string, NodeJS.Timeout>();
  const moveWhenQuiet = (space: string): void => {
    if (quietMs === 0) return move(space);
    clearTimeout(quiet.get(space));
    const timer = setTimeout(() => {
      quiet.delete(space);
      move(space);
    }, quietMs);
    quiet.set(space, timer.unref());
  };

  /** Reads a space into memory, unless that would push out what is in use. */
  const read = (space: string, texts: number): void => {
    if (!projectLarge || closed || projections.bytesInUse() + texts * bytesPerDocument > mostBytes) return;
    reading.add(space, () =>
      pool.transaction({ space, readOnly: true }, (connection) =>
        projections.use(connection, space, () => Promise.resolve()),
      ),
    );
  };

  const settled = async (): Promise<void> => {
    await Promise.all([moving.settled(), reading.settled()]);
  };

  return {
    mayNeed: async (connection, space) => {
      if (small.has(space) || (projectLarge && projections.has(space))) return null;
      const [row] = await connection.query<{ texts: number }>("SELECT texts FROM space_state WHERE space = $1", [
        space,
      ]);
      if (row !== undefined && row.texts >= largeFrom) return row.texts;
      small.add(space);
      return null;
    },
    ask: async (space, query, texts) => {
      const answer = await look(space, (connection) => recallLarge(connection, space, model, query));
      if (answer === null) move(space);
      read(space, texts);
      return answer;
    },
    noteTexts: (space, texts) => {
      if (texts >= largeFrom) moveWhenQuiet(space);
    },
    leave: async (space, forGood) => {
      await leaveLarge({ pool, ownerUrl }, space, forGood);
    },
    settled,
    close: async () => {
      closed = true;
      for (const timer of quiet.values()) clearTimeout(timer);
      // An index that is being built is left to the next server: the database ends it with the connection.
      await Promise.race([settled(), wait(longestGoodbyeMs, undefined, { ref: false })]);
    },
  };
};
