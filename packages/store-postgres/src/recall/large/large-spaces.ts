/**
 * The large spaces of one storage thread: which of them are answered from the database, which are being read into
 * memory, and which are being moved. In the background one space is moved and one read at a time.
 */
import type { EmbeddingModel } from "@cairn/memory/embedding/embedder";
import type { RecallAnswer, RecallQuery } from "@cairn/memory/recall/query";
import type { PostgresPool } from "../../connection/pool.ts";
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
  /** Whether large spaces are read into memory, where there is room. */
  readonly projectLarge: boolean;
  /** Of all indexes that are kept in memory. */
  readonly mostBytes: number;
}

export interface LargeSpaces {
  /** Null where the space must be answered by a projection. */
  readonly ask: (space: string, query: RecallQuery) => Promise<RecallAnswer | null>;
  /** After a write: how many texts the space has now. */
  readonly noteTexts: (space: string, texts: number) => void;
  /** Before a space goes. */
  readonly leave: (space: string, forGood: boolean) => Promise<void>;
  /** Until nothing is being moved or read. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What was found small, or could not be moved, is not looked at again for so long. */
const restMs = 60_000;
const mostRemembered = 10_000;
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

export const makeLargeSpaces = (options: LargeOptions): LargeSpaces => {
  const { pool, projections, model, ownerUrl, largeFrom, projectLarge, mostBytes } = options;
  const moving = makeQueue();
  const reading = makeQueue();
  let closed = false;
  /** Until when a space is taken for one that the database does not search. */
  const resting = new Map<string, number>();
  const rest = (space: string): void => {
    if (resting.size >= mostRemembered) resting.clear();
    resting.set(space, Date.now() + restMs);
  };
  const rests = (space: string): boolean => (resting.get(space) ?? 0) > Date.now();

  const move = (space: string): void => {
    if (ownerUrl === null || closed) return;
    const moved = { pool, ownerUrl, largeFrom };
    moving.add(space, async () => {
      const done = await moveSpace(moved, space, () => closed).catch(() => false);
      if (done) resting.delete(space);
      else rest(space);
    });
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
    ask: async (space, query) => {
      if (projections.has(space) || rests(space)) return null;
      const [large, answer] = await pool.transaction({ space, readOnly: true, snapshot: true }, async (connection) => {
        const [row] = await connection.query<{ texts: number; part: number }>(
          "SELECT texts, part FROM space_state WHERE space = $1",
          [space],
        );
        if (row === undefined || row.texts < largeFrom) return [null, null];
        return [row, await recallLarge(connection, space, model, query)];
      });
      if (large === null) rest(space);
      else {
        if (answer === null) move(space);
        read(space, large.texts);
      }
      return answer;
    },
    noteTexts: (space, texts) => {
      if (texts < largeFrom || rests(space)) return;
      move(space);
    },
    leave: async (space, forGood) => {
      if (ownerUrl !== null) await leaveLarge({ pool, ownerUrl }, space, forGood);
    },
    settled,
    close: async () => {
      closed = true;
      await settled();
    },
  };
};
