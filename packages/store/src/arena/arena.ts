/**
 * A thread's seat in the pool: its scratch, the kernels that score rows of any block, and the pool's tables behind their
 * lock. Addresses are in bytes from the beginning of the shared memory, which never grows or moves, so that views are
 * made once.
 *
 * The scratch is this thread's alone: the question, the scores of one call, and a portion, a block of its own for rows
 * that are read from the store (stored-rows.ts).
 */
import { type BlockShape, blockBytes, portionIn, seatBytes, sketchGroup, spanRows } from "./block-shape.ts";
import { pin, pinWord, unpin } from "./epochs.ts";
import { openTables, type PoolSeat } from "./pool.ts";
import { header, pageBytes } from "./pool-layout.ts";
import { namespaceKey } from "./pool-namespaces.ts";
import { mostDimensions } from "./quantize.ts";
import { makeScan } from "./scan.ts";
import { tableBytes } from "./sketch.ts";

// The scratch of a seat, in bytes from its beginning.
const numberBytes = spanRows * Float32Array.BYTES_PER_ELEMENT;
const scoresIn = mostDimensions * Int16Array.BYTES_PER_ELEMENT;
const listIn = scoresIn + numberBytes;
const addressesIn = listIn + spanRows;
const scalesIn = addressesIn + numberBytes;
const workIn = scalesIn + numberBytes;
const tablesIn = workIn + mostDimensions * Int16Array.BYTES_PER_ELEMENT;

export interface ArenaViews {
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  /** Scratch of the next call: the question. Past its dimensions it may hold anything, because rows hold zeros there. */
  readonly query: Int16Array;
  /** Scratch: numbers of the rows to score. */
  readonly list: Uint8Array;
  /** Scratch: where the rows for `scoreAt` begin, and their scales. */
  readonly addresses: Int32Array;
  readonly scales: Float32Array;
  /** Scratch: the tables of the question for `estimate`. */
  readonly tables: Uint8Array;
  /** Scratch: what the last call scored, as the bits of float32 numbers of which none is below 0. */
  readonly scores: Int32Array;
}

/** The sets of this thread; `PoolSets` says what each call does. */
export interface ArenaSets {
  readonly open: (namespace: string, evictable: boolean) => number;
  readonly close: (set: number) => void;
  /** The address of the new block; 0 for none. */
  readonly push: (set: number, rows: number, previous: number | null) => number;
  readonly pop: (set: number, rows: number) => void;
  readonly load: (set: number, blocks: number, rows: number, previous: number | null) => readonly number[] | null;
  readonly vacate: (set: number) => void;
  readonly ask: (set: number, rows: number) => number;
  /**
   * Runs `work` if the set is resident, and sees to it that its blocks stay the set's until `work` returns; false, and
   * nothing run, if it is not. `work` must not take blocks or run this again.
   */
  readonly reading: (set: number, work: () => void) => boolean;
}

export interface Arena {
  readonly views: ArenaViews;
  /** The address of the scratch for rows from the store, `portionBytes` long. */
  readonly portion: number;
  readonly sets: ArenaSets;
  readonly count: (figure: "hits" | "loads" | "fallbacks") => void;
  /** Scores `count` rows, at most `spanRows`, of the block at `at` from `from` on against `views.query` into `views.scores`. */
  readonly scoreAll: (at: number, shape: BlockShape, from: number, count: number, queryScale: number) => void;
  /** The same for the `count` rows in `views.list`, counted from `from`, in the list's order. */
  readonly scoreListed: (at: number, shape: BlockShape, from: number, count: number, queryScale: number) => void;
  /** The same for the first `count` rows whose addresses and scales `views` holds. */
  readonly scoreAt: (shape: BlockShape, count: number, queryScale: number) => void;
  /** A number a document below `count` for `estimateBest`, all 0; valid until the next call. */
  readonly columns: (count: number) => Int32Array;
  /**
   * Raises the columns of the documents of `count` rows, at most `spanRows`, from `from` on, a multiple of 32, to the bits
   * of what their sketches give against `views.tables`.
   */
  readonly estimateBest: (at: number, shape: BlockShape, from: number, count: number, queryScale: number) => void;
  /** Writes a row: its document, its bytes, zeros up to the width, and its scale. */
  readonly writeRow: (
    at: number,
    shape: BlockShape,
    row: number,
    doc: number,
    bytes: Uint8Array | Int8Array,
    scale: number,
  ) => void;
  /** Makes a row's sketch from what was written. */
  readonly sketchRow: (at: number, shape: BlockShape, row: number) => void;
  /** Copies a row, with its sketch, to another place of the same shape. */
  readonly copyRow: (shape: BlockShape, fromBlock: number, fromRow: number, toBlock: number, toRow: number) => void;
  /** Where a row's bytes begin, and its scale. */
  readonly rowAt: (at: number, shape: BlockShape, row: number) => number;
  readonly scaleOf: (at: number, row: number) => number;
}

export const openArena = ({ memory, seat }: PoolSeat): Arena => {
  const { words, layout, sets, exclusively } = openTables(memory, seat + 1);
  const { scan, columns } = makeScan(memory);
  const { buffer } = memory;
  const scratch = layout.scratchAt + seat * seatBytes;
  const [scoresAt, listAt, addressesAt, scalesAt, workAt, tablesAt] = [
    scratch + scoresIn,
    scratch + listIn,
    scratch + addressesIn,
    scratch + scalesIn,
    scratch + workIn,
    scratch + tablesIn,
  ] as const;
  const views: ArenaViews = {
    bytes: new Uint8Array(buffer),
    floats: new Float32Array(buffer),
    integers: new Int32Array(buffer),
    query: new Int16Array(buffer, scratch, mostDimensions),
    list: new Uint8Array(buffer, listAt, spanRows),
    addresses: new Int32Array(buffer, addressesAt, spanRows),
    scales: new Float32Array(buffer, scalesAt, spanRows),
    tables: new Uint8Array(buffer, tablesAt, tableBytes(mostDimensions)),
    scores: new Int32Array(buffer, scoresAt, spanRows),
  };
  const { bytes, floats, integers } = views;
  const addressOf = (block: number): number => layout.blocksAt + block * blockBytes;
  const pinned = pinWord(layout, seat);
  const rowAt = (at: number, shape: BlockShape, row: number): number => at + shape.rowsIn + row * shape.width;

  const sketchRow: Arena["sketchRow"] = (at, shape, row) => {
    const { width, bits, sketchesIn, factorsIn } = shape;
    const inGroup = row % sketchGroup;
    const sketch = at + sketchesIn + ((row - inGroup) * bits) / 8 + inGroup;
    const scale = floats[at / 4 + row]!;
    scan.sketchRow(rowAt(at, shape, row), width, scale, bits, workAt, sketch, at + factorsIn + row * 4);
  };

  return {
    views,
    portion: scratch + portionIn,
    count: (figure) => void Atomics.add(words, header[figure], 1),
    sets: {
      open: (namespace, evictable) => {
        const key = namespaceKey(namespace);
        return exclusively(() => sets.open(seat + 1, key, evictable));
      },
      close: (set) => exclusively(() => sets.close(set)),
      push: (set, rows, previous) => {
        const block = exclusively(() => sets.push(set, rows, previous));
        return block < 0 ? 0 : addressOf(block);
      },
      pop: (set, rows) => exclusively(() => sets.pop(set, rows)),
      load: (set, blocks, rows, previous) =>
        exclusively(() => sets.load(set, blocks, rows, previous))?.map(addressOf) ?? null,
      vacate: (set) => exclusively(() => sets.vacate(set)),
      ask: sets.ask,
      reading: (set, work) => {
        pin(words, pinned);
        try {
          if (!sets.isResident(set)) return false;
          work();
          return true;
        } finally {
          unpin(words, pinned);
        }
      },
    },
    rowAt,
    scaleOf: (at, row) => floats[at / 4 + row]!,
    scoreAll: (at, shape, from, count, queryScale) =>
      scan.scoreAll(rowAt(at, shape, from), at + from * 4, count, shape.width, scratch, queryScale, scoresAt),
    scoreListed: (at, shape, from, count, queryScale) => {
      // The kernel reads the list up to a multiple of four: what follows must be rows of this block.
      views.list.fill(0, count, count + 3);
      const rows = rowAt(at, shape, from);
      scan.scoreListed(rows, at + from * 4, listAt, count, shape.width, scratch, queryScale, scoresAt);
    },
    scoreAt: (shape, count, queryScale) =>
      scan.scoreAt(addressesAt, scalesAt, count, shape.width, scratch, queryScale, scoresAt),
    columns: (count) => {
      const lacking = Math.ceil((count * 4 - columns.buffer.byteLength) / pageBytes);
      if (lacking > 0) columns.grow(lacking);
      return new Int32Array(columns.buffer, 0, count).fill(0);
    },
    estimateBest: (at, shape, from, count, queryScale) =>
      scan.estimateBest(
        at + shape.sketchesIn + (from * shape.bits) / 8,
        at + shape.factorsIn + from * 4,
        at + shape.documentsIn + from * 4,
        count,
        shape.bits,
        tablesAt,
        queryScale,
        scoresAt,
      ),
    writeRow: (at, shape, row, doc, given, scale) => {
      const start = rowAt(at, shape, row);
      bytes.set(given, start);
      // With zeros here, what an earlier question left in the scratch past its dimensions counts nothing.
      bytes.fill(0, start + given.length, start + shape.width);
      floats[at / 4 + row] = scale;
      integers[(at + shape.documentsIn) / 4 + row] = doc;
    },
    sketchRow,
    copyRow: (shape, fromBlock, fromRow, toBlock, toRow) => {
      const from = rowAt(fromBlock, shape, fromRow);
      bytes.copyWithin(rowAt(toBlock, shape, toRow), from, from + shape.width);
      floats[toBlock / 4 + toRow] = floats[fromBlock / 4 + fromRow]!;
      const documents = shape.documentsIn / 4;
      integers[toBlock / 4 + documents + toRow] = integers[fromBlock / 4 + documents + fromRow]!;
      sketchRow(toBlock, shape, toRow);
    },
  };
};
